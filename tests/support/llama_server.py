"""Serves a GGUF model with llama.cpp until its standard input is closed; prints its address when it is ready."""

import sys

from xllamacpp import CommonParams, Server

if __name__ == "__main__":
    params = CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx, params.n_parallel, params.port = 1024, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        1  # two threads would wait for each other on a busy machine
    )
    server = Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
