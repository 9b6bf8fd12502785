"""CPython's http.server. Arguments: folder, port, protocol, nagle (0 or 1), cgi (0 or 1)."""
import functools
import http.server
import sys

root, port, protocol, nagle, cgi = sys.argv[1:]
name = "CGIHTTPRequestHandler" if cgi == "1" else "SimpleHTTPRequestHandler"
base = getattr(http.server, name)


class Handler(base):
    protocol_version = protocol
    disable_nagle_algorithm = nagle == "0"


class Server(http.server.ThreadingHTTPServer):
    # Its own 5 makes clients wait a second for a lost SYN, which measures the network.
    request_queue_size = 511


if cgi == "1":
    import os

    os.chdir(root)
    handler = Handler
else:
    handler = functools.partial(Handler, directory=root)
Server(("127.0.0.1", int(port)), handler).serve_forever()
