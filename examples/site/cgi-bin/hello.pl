#!/usr/bin/env perl
use strict;
use warnings;

print "Content-Type: text/plain\n\n";
print "Perl says hello to $ENV{REMOTE_ADDR}, who asks for '$ENV{QUERY_STRING}'\n";
