"""Sends log records by logging's own SocketHandler: four bytes with the length, big-endian, then the record as JSON."""
import json
import logging
import logging.handlers
import struct
import sys


class JSONSocketHandler(logging.handlers.SocketHandler):
    def makePickle(self, record):
        fields = {"name": record.name, "level": record.levelname, "message": record.getMessage()}
        payload = json.dumps(fields).encode()
        return struct.pack(">L", len(payload)) + payload


port, name = int(sys.argv[1]), sys.argv[2]
handler = JSONSocketHandler("127.0.0.1", port)
logger = logging.getLogger(name)
logger.setLevel(logging.DEBUG)
logger.addHandler(handler)
logger.info("started")
logger.warning("temperature %.1f", 40.25)
logger.error("x" * 100_000)
handler.close()
print(json.dumps("sent"))
