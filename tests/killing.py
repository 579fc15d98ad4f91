"""Real processes to kill at random moments: each is forked from one that has imported everything already."""

import json
import os
import signal
import subprocess
import sys
import time

NURSERY = """
import json, os, sys, traceback
names = {"__name__": "victim"}
exec(json.loads(sys.stdin.readline()), names)
print("ready", flush=True)
while line := sys.stdin.readline():
    child = os.fork()
    if child == 0:
        status = 1
        try:
            exec(json.loads(line), names)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    print(child, flush=True)
    sys.stdin.readline()  # reaped only when told: until then its number is nobody else's
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Victims:
    """Processes that run a piece of Python and are killed in the midst of it.

    ``imports`` is Python that runs once. ``run`` lets a piece of Python come to its end and says how long it
    took; ``kill_at_random`` ends it by SIGKILL at a moment drawn from ``rng`` and says whether it was still
    at work.
    """

    def __init__(self, imports):
        self.imports = imports

    def __enter__(self):
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.nursery = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._say(self.imports)
        assert self._hear() == "ready"
        return self

    def __exit__(self, *_):
        self.nursery.stdin.close()
        self.nursery.wait()
        self.nursery.stdout.close()

    def start(self, code):
        """Start a process; `finish` must be called before the next one starts."""
        self._say(code)
        return int(self._hear())

    def finish(self):
        """Wait for the process and return its wait status: 0 done, 9 killed, else it raised."""
        self._say("reap")
        return int(self._hear())

    def run(self, code):
        began = time.perf_counter()
        self.start(code)
        assert self.finish() == 0, "the process that was not killed failed; see standard error"
        return time.perf_counter() - began

    def kill_at_random(self, code, rng, *, within):
        child = self.start(code)
        time.sleep(rng.uniform(0, within))
        os.kill(child, signal.SIGKILL)
        status = self.finish()
        assert status in (0, signal.SIGKILL), "the process failed by itself; see standard error"
        return status == signal.SIGKILL

    def _say(self, code):
        self.nursery.stdin.write(json.dumps(code) + "\n")
        self.nursery.stdin.flush()

    def _hear(self):
        # What the process itself prints would come in between; it has no business to print.
        return self.nursery.stdout.readline().strip()
