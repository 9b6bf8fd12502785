"""Runs CPython's own test.test_httpservers against a server in another process.

Only the servers are replaced: every request and every assertion is CPython's. The other process is asked for by lines
of JSON, one answer a line: on standard output what to do, on standard input what came of it.
"""

import contextlib
import json
import os
import socket
import sys
import unittest
from http import server

from test import support, test_httpservers as cases

commands, sys.stdout = sys.stdout, sys.stderr


def call(command, argument=None):
    commands.write(json.dumps([command, argument]) + '\n')
    commands.flush()
    return json.loads(sys.stdin.readline())


class ServerThread:
    """In place of CPython's thread with a server."""

    def __init__(self, test_object, request_handler):
        self.test = test_object

    def start(self):
        self.test.HOST = '127.0.0.1'
        self.test.PORT = call('start', type(self.test).__name__)
        self.test.server_started.set()

    def stop(self):
        call('stop')


class Fields(list):
    def items(self):
        return [tuple(item) for item in self]


class RemoteHandler:
    """In place of CPython's handler without a socket: what it is to handle goes by one."""

    name = 'Socketless'
    get_called = False

    def __init__(self, directory=None):
        pass

    def handle_one_request(self):
        port = call('start', self.name)
        with socket.create_connection(('127.0.0.1', port), 10) as connection:
            connection.sendall(self.rfile.read())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile('rb') as answer:
                self.wfile.write(answer.read())
        seen = call('stop')
        self.headers = Fields(seen.pop('headers'))
        vars(self).update(seen)


class RejectingRemoteHandler(RemoteHandler):
    name = 'Rejecting'


@contextlib.contextmanager
def captured_log():
    with captured_stderr() as captured:
        yield captured
        captured.write(''.join(call('log')))


class CgiDirectories(list):
    def append(self, path):
        super().append(path)
        call('cgiDirectories', self)

    def remove(self, path):
        super().remove(path)
        call('cgiDirectories', self)


class Environment(dict):
    """What a test sets in it is set in the server's process."""

    def __setitem__(self, name, value):
        call('setEnvironment', [name, value])

    def __getitem__(self, name):
        return call('environment', name)

    def __exit__(self):
        pass


def with_server_environment(test):
    def run(self):
        own, os.environ = os.environ, Environment()
        try:
            test(self)
        finally:
            os.environ = own

    return run


def change_directory(path):
    chdir(path)
    call('directory', path)


captured_stderr = support.captured_stderr
support.captured_stderr = captured_log
chdir = os.chdir
os.chdir = change_directory
server.CGIHTTPRequestHandler.cgi_directories = CgiDirectories(server.CGIHTTPRequestHandler.cgi_directories)
cases.TestServerThread = ServerThread
cases.SocketlessRequestHandler = RemoteHandler
cases.RejectingSocketlessRequestHandler = RejectingRemoteHandler
# Skipped for root, since its server makes itself nobody before it runs a script; ours is told not to.
cgi = cases.CGIHTTPServerTestCase
cgi.__unittest_skip__ = False
cgi.test_os_environ_is_not_altered = with_server_environment(cgi.test_os_environ_is_not_altered)

suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], cases)
result = unittest.TestResult()
suite.run(result)
failed = {test.id(): trace for test, trace in result.failures + result.errors}
skipped = {test.id(): reason for test, reason in result.skipped}
call('end', {'run': result.testsRun, 'failed': failed, 'skipped': skipped})
