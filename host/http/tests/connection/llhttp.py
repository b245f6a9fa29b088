"""What llhttp, by the Python package httptools, sees in byte streams: one stream a line in hexadecimal digits, one answer a line.

An answer is a JSON array: the requests that ended, each as method, target and body in hexadecimal digits, and whether
the parser stopped at something that it refuses.
"""

import json
import sys

import httptools


class Seen:
    def __init__(self):
        self.requests = []
        self.parser = httptools.HttpRequestParser(self)

    def on_message_begin(self):
        self.target = b""
        self.body = b""

    def on_url(self, url):
        self.target += url

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        method = self.parser.get_method().decode("ascii")
        self.requests.append([method, self.target.hex(), self.body.hex()])


def see(stream):
    seen = Seen()
    refused = False
    try:
        seen.parser.feed_data(stream)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        refused = True
    return [seen.requests, refused]


for line in sys.stdin:
    print(json.dumps(see(bytes.fromhex(line))), flush=True)
