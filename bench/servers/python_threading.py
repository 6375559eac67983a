"""The other yardstick: Python's own ThreadingTCPServer, or with `udp` ThreadingUDPServer: a thread for each request."""

import json
import os
import resource
import socketserver
import sys
import threading


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # Clients end by a reset.


class Reply(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        sock.sendto(packet, self.client_address)


class DatagramServer(socketserver.ThreadingUDPServer):
    daemon_threads = True


def report_memory():
    pages = int(open("/proc/self/statm").read().split()[1])
    print(json.dumps({"rss": pages * os.sysconf("SC_PAGESIZE")}), flush=True)


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

factory, handler = (DatagramServer, Reply) if sys.argv[1:] == ["udp"] else (Server, Echo)

with factory(("127.0.0.1", 0), handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for line in sys.stdin:
        if line == "mem\n":
            report_memory()
    os._exit(0)  # At once, however many threads there are.
