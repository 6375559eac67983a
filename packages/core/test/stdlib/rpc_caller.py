"""The side of an inverted server that listens: prints its port, waits for the server to connect, and calls it.

A message is four bytes with the length, little-endian, then [sequence number, ...] as JSON, as idlelib.rpc frames its own.
"""
import json
import socket
import struct
import sys


def receive(connection, n):
    data = b""
    while len(data) < n:
        part = connection.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def call(connection, number, method, *params):
    message = json.dumps([number, method, params]).encode()
    connection.sendall(struct.pack("<i", len(message)) + message)
    (length,) = struct.unpack("<i", receive(connection, 4))
    return json.loads(receive(connection, length))


listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(10)
print(listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
connection.settimeout(10)
answers = [
    call(connection, 1, "upper", "hello"),
    call(connection, 2, "sum", 1, 2, 3),
    call(connection, 3, "nothing"),
    call(connection, 4, "upper", "x" * 200_000),
]
answers[3][1] = len(answers[3][1])
connection.close()
listener.close()
print(json.dumps(answers), flush=True)
sys.exit(0)
