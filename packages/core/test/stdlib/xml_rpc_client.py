"""Calls the server of xml-rpc.test.ts by xmlrpc.client, and prints what came as JSON."""
import json
import sys
import xmlrpc.client

server = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{sys.argv[1]}/RPC2")
lost = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{sys.argv[1]}/elsewhere")


def fault(call, *params):
    try:
        return call(*params)
    except xmlrpc.client.Fault as error:
        return [error.faultCode, error.faultString]
    except xmlrpc.client.ProtocolError as error:
        return error.errcode


with server:
    answers = {
        "methods": server.system.listMethods(),
        "add": server.add(40, 2.5),
        "total": server.total([1, 2, [3, 4]]),
        "not": server.negate(True),
        "greet": server.greet("<Café> & Co"),
        "slow": server.slow("later"),
        "unknown": fault(server.unknown),
        "divide": fault(server.divide, 1, 0),
        "many": [server.add(index, 1) for index in range(20)],
    }
# Not before the first connection is closed: a sequential server would keep it waiting.
with lost:
    answers["lost"] = fault(lost.add, 1, 2)
print(json.dumps(answers))
