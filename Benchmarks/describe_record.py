"""Keeps the request bodies of a run: answers as a chat server, and stores what it gets.

    describe_record.py PORT MODEL FOLDER
"""
import http.server
import pathlib
import sys

from json_server import JSONHandler

port, model, folder = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
count = 0


class Handler(JSONHandler):
    def do_GET(self):
        self.reply({"object": "list", "data": [{"id": model, "max_model_len": 32768}]})

    def do_POST(self):
        global count
        (folder / f"{count:05d}.json").write_bytes(self.request_body())
        count += 1
        message = {"role": "assistant", "content": f"Recorded as number {count}."}
        self.reply({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
