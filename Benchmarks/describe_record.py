"""Keeps the request bodies of a run: answers as a chat server, and stores what it gets.

    describe_record.py PORT MODEL FOLDER
"""
import http.server
import json
import pathlib
import sys

port, model, folder = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply({"object": "list", "data": [{"id": model, "max_model_len": 32768}]})

    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (folder / f"{count:05d}.json").write_bytes(body)
        count += 1
        message = {"role": "assistant", "content": f"Recorded as number {count}."}
        self.reply({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
