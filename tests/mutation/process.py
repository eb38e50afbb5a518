"""Commands that end with all that they started: past their time, and when the user interrupts."""
import os
import resource
import signal
import subprocess
import threading

TIMEOUT = "timeout"
MEMORY = 8 << 30  # bytes of addresses; a fault may ask for any amount

_running, _lock, _stopped = set(), threading.Lock(), threading.Event()


class Stopped(Exception):
    """The user has interrupted."""


def run(command, seconds, folder, limited=True, **environment):
    """(status, output) of a command that may use the processors for so many seconds; the status is
    TIMEOUT where it wants more, or waits for ever. `limited` holds for its memory."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limited:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with _lock:
        if _stopped.is_set():
            raise Stopped
        process = subprocess.Popen([str(word) for word in command], cwd=folder,
                                   env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   preexec_fn=limit, start_new_session=True)
        _running.add(process)
    try:
        output = process.communicate(timeout=300 + 10 * seconds)[0]
        status = TIMEOUT if process.returncode == -signal.SIGXCPU else process.returncode
    except subprocess.TimeoutExpired:
        _kill(process)
        output, status = process.communicate()[0], TIMEOUT
    except BaseException:
        _kill(process)
        raise
    finally:
        with _lock:
            _running.discard(process)
    if _stopped.is_set():
        raise Stopped
    return status, output.decode(errors="replace")


def stop_all():
    _stopped.set()
    with _lock:
        for process in _running:
            _kill(process)


def _kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
