"""Overrides every hook of Python's own socketserver, serves one client in each of three ways, and prints the calls."""
import json
import socket
import socketserver
import sys
import threading

HOOKS = [
    "server_bind",
    "server_activate",
    "get_request",
    "verify_request",
    "process_request",
    "finish_request",
    "shutdown_request",
    "close_request",
    "server_close",
]


def serve(base, fails=False, refuses=False):
    calls = []
    closed = threading.Event()

    def noting(name):
        def hook(self, *args):
            calls.append(name)
            result = getattr(super(Server, self), name)(*args)
            if name == "close_request":
                closed.set()
            return result

        return hook

    class Server(base):
        def handle_error(self, request, client_address):
            calls.append("handle_error")

    class Handler(socketserver.BaseRequestHandler):
        def setup(self):
            calls.append("setup")

        def handle(self):
            calls.append("handle")
            if fails:
                raise ValueError

        def finish(self):
            calls.append("finish")

    for name in HOOKS:
        setattr(Server, name, noting(name))
    if refuses:
        Server.verify_request = lambda self, *args: calls.append("verify_request")
    with Server(("127.0.0.1", 0), Handler) as server:
        with socket.create_connection(server.server_address, timeout=10):
            server.handle_request()
            # A thread goes on after handle_request().
            closed.wait(10)
    return calls


base = getattr(socketserver, sys.argv[1])
print(json.dumps({"serves": serve(base), "fails": serve(base, fails=True), "refuses": serve(base, refuses=True)}))
