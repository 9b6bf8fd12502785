#!/usr/bin/env python3
import os
import sys
from urllib.parse import parse_qs

form = parse_qs(sys.stdin.read(int(os.environ.get("CONTENT_LENGTH", 0))))
print("Content-Type: text/plain\n")
print("Python got", sorted(form.items()))
