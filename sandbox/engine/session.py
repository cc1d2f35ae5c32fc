"""What the runs of one command share, from the forker to the providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.engine.backend import StackReference
from sandbox.engine.builtins import Builtins
from sandbox.engine.config import ConfigValue
from sandbox.engine.engine_service import EngineLog, serve
from sandbox.engine.launcher import Launcher
from sandbox.engine.project import Project
from sandbox.engine.registry import Providers


@dataclass
class Session:
    """What all runs of one command share."""

    project: Project
    stack: StackReference
    config: dict[str, ConfigValue]
    launcher: Launcher
    providers: Providers
    log: EngineLog
    server: Any  # kept, because a gRPC server ends when nothing refers to it
    builtins: Builtins
    client: str = ""


def open_session(
    project: Project,
    stack: StackReference,
    config: dict[str, ConfigValue],
    builtins: Builtins,
    client: str,
    dynamic: bool,
) -> Session:
    """Start the forker, the engine's log service and, if it will be needed, the dynamic provider."""
    launcher = Launcher()
    log = EngineLog()
    server, address = serve(log)
    providers = Providers(
        launcher,
        project,
        lambda line: log.events.diagnostic("info", line),
        log.take,
    )
    providers.engine_address = address
    if dynamic:
        providers.prestart()
    return Session(project, stack, config, launcher, providers, log, server, builtins, client)


def close_session(session: Session) -> None:
    session.providers.close()
    session.launcher.close()
