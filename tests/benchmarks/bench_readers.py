"""Import JSONL dumps of postings by the command line: time, memory, and going on after a kill.

Not a test. Run from the root of the repository: ``python tests/benchmarks/bench_readers.py [megabytes ...]``,
with 1024 for a dump of one gigabyte (it needs ten times that of disk for a while; TMPDIR says where). Each
dump is imported twice by processes of their own: once at a stretch, and once killed with SIGKILL as soon as
half of the postings are written, then begun again with the same words. Peak memory is the kernel's VmHWM of
the process; seconds of the processor are given beside those of the clock, since other work on a machine
lengthens the latter. The two corpora must have the same bytes.

Postings are composed of the sentences of the shipped job descriptions with other words put in: they vary in
length (half a page to six pages), in HTML and in escapes; one in twelve is a near duplicate of an earlier
one, one in forty an exact one by another employer, and each employer's end with its own statement.
"""

import hashlib
import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
MAPPING = (
    'document_id = "id"\ntitle = "title"\ntext = "body"\nemployer = "org.name"\ndate = "posted"\n'
    'place = "place"\n[constants]\nsetting = "community"\n'
)
N_EMPLOYERS = 20_000
N_KEPT = 500


def material():
    """Return sentences, titles and words of the shipped job descriptions."""
    texts = sorted((ROOT / "corpora" / "job_descriptions" / "texts").glob("*.txt"))
    lines = [line for path in texts for line in path.read_text("utf-8").split("\n") if line.strip()]
    titles = sorted({path.read_text("utf-8").split("\n")[0] for path in texts})
    sentences = sorted({line.lstrip("- ") for line in lines if len(line) > 40})
    words = sorted({word for line in sentences for word in re.findall(r"[a-z]{4,}", line)})
    return sentences, titles, words


class Composer:
    """Draws postings, the same ones for the same seed."""

    def __init__(self, seed=20170621):
        self.rng = random.Random(seed)
        sentences, self.titles, self.words = material()
        self.pool = [self.altered(self.rng.choice(sentences), 0.33) for _ in range(50_000)]
        self.kept = []

    def altered(self, sentence, share):
        """Return a sentence with a share of its longer words replaced."""
        return " ".join(
            self.rng.choice(self.words) if len(word) > 3 and self.rng.random() < share else word
            for word in sentence.split()
        )

    def line(self):
        """Return a sentence of the pool, every second time with a word in it replaced."""
        sentence = self.rng.choice(self.pool)
        if self.rng.random() < 0.5:
            return sentence
        words = sentence.split()
        words[self.rng.randrange(len(words))] = self.rng.choice(self.words)
        return " ".join(words)

    def blocks(self):
        """Return the paragraphs and lists of a posting: between half a page and six pages."""
        n_lines = int(min(max(self.rng.lognormvariate(3.2, 0.5), 6), 130))
        lines = [self.line() for _ in range(n_lines)]
        cut = max(1, n_lines // 4)
        return [lines[:cut], lines[cut:]]

    def body(self, blocks, statement):
        """Return blocks as HTML, escaped or plain."""
        above, items = blocks
        form = self.rng.randrange(4)
        if form == 0:
            return "\n".join([*above, "", *(f"- {item}" for item in items), "", statement])
        html = "".join(f"<p>{line.replace('and', '&amp;')}</p>" for line in above)
        html += "<ul>" + "".join(f"<li>{item}</li>\n" for item in items) + f"</ul><p>{statement}</p>"
        return html.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if form == 1 else html

    def drawn_blocks(self):
        """Return new blocks, or those of an earlier posting as they were or with one line changed."""
        draw = self.rng.random()
        if self.kept and draw < 1 / 12 + 1 / 40:
            above, items = self.rng.choice(self.kept)
            return [above, [*items[:-1], self.line()]] if draw < 1 / 12 else [above, items]
        blocks = self.blocks()
        if len(self.kept) < N_KEPT:
            self.kept.append(blocks)
        elif draw > 0.99:
            self.kept[self.rng.randrange(N_KEPT)] = blocks
        return blocks

    def posting(self, number):
        """Return a posting as a row of a dump."""
        employer = int(self.rng.paretovariate(0.3)) % N_EMPLOYERS
        statement = f"Employer {employer} is an equal opportunity employer and values lived experience."
        month = f"20{self.rng.randrange(15, 25)}-{self.rng.randrange(1, 13):02d}"
        return {
            "id": f"JOB-{number:07d}", "title": self.rng.choice(self.titles),
            "body": self.body(self.drawn_blocks(), statement),
            "org": {"name": f"Caf\u00e9 Peer House {employer}"}, "posted": f"{month}-11T08:00:00Z",
            "place": f"Springfield {employer % 977}",
        }  # fmt: skip


def write_dump(path, megabytes, *, seed=20170621):
    """Write a dump of at least so many megabytes and return how many postings it has."""
    composer, size, number = Composer(seed), 0, 0
    with open(path, "wb") as stream:
        while size < megabytes * 2**20:
            row = json.dumps(composer.posting(number), ensure_ascii=number % 2 == 0)
            size += stream.write(row.encode("utf-8") + b"\n")
            number += 1
    return number


def say(line):
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def imported(dump, out, *, kill_at=None):
    """Import a dump by the command line; return clock seconds, processor seconds, and VmHWM in MB.

    With `kill_at` the process is killed as soon as so many documents are written.
    """
    command = [sys.executable, "-m", "peercompare.cli", "import", str(dump), "--out", str(out)]
    command += ["--mapping", str(dump.with_suffix(".toml")), "--name", "bench"]
    command += ["--about", "licence=CC0-1.0", "citation=Composed."]
    before, begun, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0.0
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    state = out.parent / f".{out.name}.part" / ".spool" / "state.json"
    while process.poll() is None:
        peak = max(peak, high_water(process.pid))
        if kill_at is not None and written(state) >= kill_at:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.05)
    told = process.communicate()[0]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(told)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, used, peak


def high_water(pid):
    """Return the most memory that a process has had so far, in MB, 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def written(state):
    """Return how many documents an import under way has written."""
    try:
        return json.loads(state.read_text())["n_documents"]
    except (OSError, ValueError):
        return 0


def digest(folder):
    """Return a hash over the names and bytes of all files of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder)}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


def main(sizes):
    say(f"{'MB':>6} {'postings':>9} {'way':>8} {'clock s':>8} {'cpu s':>8} {'peak MB':>8}")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in sizes:
            dump = Path(folder) / f"dump{megabytes}.jsonl"
            dump.with_suffix(".toml").write_text(MAPPING, encoding="utf-8")
            n = write_dump(dump, megabytes)
            whole, stopped = Path(folder) / f"whole{megabytes}", Path(folder) / f"stopped{megabytes}"
            ways = (("whole", whole, None), ("killed", stopped, n // 2), ("again", stopped, None))
            for way, out, kill_at in ways:
                clock, used, peak = imported(dump, out, kill_at=kill_at)
                say(f"{megabytes:>6} {n:>9} {way:>8} {clock:>8.1f} {used:>8.1f} {peak:>8.0f}")
                found += [(n, used, peak)] if way == "whole" else []
            say(f"       same bytes after the kill: {digest(whole) == digest(stopped)}")
            dump.unlink()
    if len(found) > 1:
        n, seconds, memory = np.array(found).T
        power = np.polyfit(np.log(n), np.log(seconds), 1)[0]
        say(f"processor time grows as postings to the power {power:.2f};")
        say(f"memory grows by {1000 * np.polyfit(n, memory, 1)[0]:.3f} MB for each 1000 postings")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [5, 20, 80])
