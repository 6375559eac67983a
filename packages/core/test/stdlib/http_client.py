"""Talks to the site of pages.ts by http.client, on one connection, and prints what came as JSON."""
import http.client
import json
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)


def ask(method, path, **options):
    connection.request(method, path, **options)
    response = connection.getresponse()
    body = response.read()
    return {
        "status": response.status,
        "body": body.decode(),
        "length": response.headers["Content-Length"],
        "chunked": response.chunked,
    }


def parts():
    for index in range(5):
        yield b"part %d\n" % index


def hundred():
    return [ask("POST", "/echo", body=b"request %d" % index)["body"] for index in range(100)]


print(
    json.dumps(
        {
            "hundred": hundred(),
            "chunked_response": ask("GET", "/numbers"),
            "chunked_request": ask("POST", "/echo", body=parts(), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}),
            "head": ask("HEAD", "/hello"),
            "large": len(ask("GET", "/large")["body"]),
            "missing": ask("GET", "/nothing"),
        }
    )
)
connection.close()
