"""Runs describe on ./videos against a server that answers at once; see resume.sh."""

import http.server
import resource
import subprocess
import sys
import threading
import time

from json_server import JSONHandler


class Chat(JSONHandler):
    def do_GET(self):
        self.reply({"object": "list", "data": [{"id": "fake", "object": "model"}]})

    def do_POST(self):
        self.request_body()
        self.reply(
            {
                "id": "c",
                "object": "chat.completion",
                "model": "fake",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "People walk over a square."},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {"prompt_tokens": 500, "completion_tokens": 7, "total_tokens": 507},
            }
        )


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    describe, step = sys.argv[1:]
    server = Server(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [
        describe, "--dataset", "videos", "--scorer", "builtin", "--frames", "2",
        "--strategy", "uniform", "--endpoint", f"http://127.0.0.1:{server.server_port}/v1",
        "--model", "fake",
    ]
    for _ in range(1 if step == "prepare" else 5):
        start = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if run.returncode:
            sys.exit(run.stderr)
        # The most that any run so far has used.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{seconds:.2f} s, at most {peak:.0f} MiB: {run.stdout.splitlines()[0]}", flush=True)


main()
