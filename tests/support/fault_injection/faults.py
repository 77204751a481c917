"""The faults to inject: a full disk, a held write lock, a cut network, a restarting database server."""

import asyncio
import errno
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.browser import free_port

DISK_MB = 64
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path("/nowhere")]


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """A folder on its own disk that can be filled, and whether it is one, which needs root."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    try:
        is_own = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        is_own = False
    try:
        yield folder, is_own
    finally:
        if is_own:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Fill the disk completely; freed at the end of the block."""
    filler = folder / f"ballast-{time.monotonic_ns()}"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    if file.write(b"x" * size) < size:
                        raise OSError(errno.ENOSPC, "full")
    yield
    filler.unlink()


@contextmanager
def write_lock(database: Path) -> Iterator[None]:
    """Hold SQLite's write lock, like another program."""
    locker = sqlite3.connect(database, isolation_level=None, timeout=30, check_same_thread=False)
    with suppress(sqlite3.OperationalError):  # the disk may be full
        locker.execute("BEGIN IMMEDIATE")
    yield
    with suppress(sqlite3.OperationalError):
        locker.execute("ROLLBACK")
    locker.close()


class Proxy:
    """A proxy between browsers and the app that can be cut."""

    def __init__(self, target: int) -> None:
        self.port, self.target, self.is_cut = free_port(), target, False
        self.writers: set[asyncio.StreamWriter] = set()
        self.loop, self.stopped = asyncio.new_event_loop(), asyncio.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def cut(self, is_cut: bool) -> None:
        """Close every connection and refuse new ones, or accept them again."""
        self.is_cut = is_cut
        if is_cut:
            self.loop.call_soon_threadsafe(self._close_all)

    def stop(self) -> None:
        """Stop the proxy."""
        self.is_cut = True
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join()

    def _close_all(self) -> None:
        for writer in list(self.writers):
            writer.transport.abort()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:  # cancels running tasks, then closes the loop
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        await self.stopped.wait()
        server.close()
        self._close_all()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
        await server.wait_closed()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            if self.is_cut:
                return
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self.writers.add(server_writer)
            try:
                await asyncio.gather(self._copy(reader, server_writer), self._copy(server_reader, writer))
            finally:
                self.writers.discard(server_writer)
                server_writer.close()
        except OSError:
            pass  # the app is down
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()


class PostgreSQL:
    """A PostgreSQL server from this machine's installation, in a folder, on its own port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "pg", free_port()
        self.is_installed = (POSTGRESQL[-1] / "pg_ctl").exists()

    @property
    def url(self) -> str:
        """The URL of its database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Create and start the server."""
        shutil.chown(self.folder.parent, "postgres")
        self._as_owner("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "--no-sync")
        self._control("start")

    def restart(self, mode: str) -> None:
        """Restart the server: `mode` is "fast" (connections are cut) or "immediate" (like a crash)."""
        self._control("restart", "-m", mode)

    def stop(self) -> None:
        """Stop the server."""
        self._control("stop", "-m", "immediate")

    def _control(self, *mode: str) -> None:
        options = f"-p {self.port} -k {self.folder} -c max_connections=200"
        self._as_owner("pg_ctl", "-D", str(self.folder), "-o", options, "-l", str(self.folder / "log"), "-w", *mode)

    def _as_owner(self, program: str, *arguments: str) -> None:
        command = ["runuser", "-u", "postgres", "--", str(POSTGRESQL[-1] / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
