#!/usr/bin/env python3
print("Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello")
