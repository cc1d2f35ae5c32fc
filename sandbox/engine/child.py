"""What runs in a child process: the user's program or the SDK's dynamic provider.

Also run as a script by another interpreter (`child.py <order fd> <result fd>`), so it imports nothing of the
engine.
"""

import concurrent.futures
import ctypes
import json
import os
import runpy
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

PROVIDER_THREADS = 64
SHOWN_TO_THE_USER = 32
"""Exit code: the program failed and has already said why (pulumi-language-python-exec)."""


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies; checked once for a parent that is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def run_provider(engine_address: str) -> None:
    """`python -m pulumi.dynamic`, with a thread pool that lets more than four machines start at once."""

    class Executor(concurrent.futures.ThreadPoolExecutor):
        def __init__(self, max_workers: int | None = None, *args: Any, **kwargs: Any) -> None:
            super().__init__(max(max_workers or 0, PROVIDER_THREADS), *args, **kwargs)

    concurrent.futures.ThreadPoolExecutor = Executor  # type: ignore[misc]
    sys.path.insert(0, str(Path.cwd()))
    sys.argv = ["pulumi.dynamic", engine_address]
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


def run_program(spec: dict[str, Any]) -> int:
    """Run the program as pulumi-language-python-exec does; returns its exit code."""
    import asyncio
    import logging

    import pulumi

    if not spec["debug"]:  # the SDK would wait for the engine at each of its many lines, which nobody reads
        pulumi.log.debug = lambda *_args, **_options: None
    pulumi.runtime.set_all_config(spec["config"], spec["secret_keys"])
    pulumi.runtime.configure(pulumi.runtime.Settings(**spec["settings"]))
    program = spec["program"]
    sys.argv = [program]
    sys.path.insert(0, str(Path.cwd()))
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(max(spec["settings"]["parallel"], 1) * 4))

    def main() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(main))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1 if stop.code else 0
    except BaseException as error:  # noqa: BLE001 whatever the program raises is shown to the user
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_user_traceback(error, program)}")
        return SHOWN_TO_THE_USER
    return 0


def _user_traceback(error: BaseException, program: str) -> str:
    """The traceback from the program's own first frame on."""
    wanted = {program, str(Path(program) / "__main__.py")}
    frames = traceback.extract_tb(error.__traceback__)
    first = next((n for n, frame in enumerate(frames) if frame.filename in wanted), 0)
    limit = first - len(frames)
    return "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=limit)).rstrip()


def run(spec: dict[str, Any], result: int) -> None:
    """Run what `spec` asks for, write the exit code to the file descriptor `result` and end; never
    returns."""
    code = 1
    try:
        if spec["kind"] == "provider":
            run_provider(spec["engine"])
        else:
            code = run_program(spec)
    except BaseException:  # noqa: BLE001 the last place where anything can be said
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(result, str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    die_with_parent(os.getppid())
    with os.fdopen(int(sys.argv[1])) as paper:
        paper.seek(0)
        order = json.load(paper)
    run(order["spec"], int(sys.argv[2]))
