"""The ASGI application: the API under /v1, the admin routes beside it."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from sandbox.paperspace.control import Control
from sandbox.paperspace.routes import (
    accessors,
    admin,
    custom_templates,
    machine_availability,
    machine_events,
    machines,
    os_templates,
    private_networks,
    public_ips,
    session,
    shared_drives,
    snapshots,
    startup_scripts,
)
from sandbox.paperspace.routes.context import Service
from sandbox.paperspace.routes.errors import handle_errors
from sandbox.paperspace.routes.fault_injection import FaultInjection
from sandbox.paperspace.routes.guards import Guards
from sandbox.paperspace.routes.operations import PREFIX, Operations
from sandbox.paperspace.scheduler import Scheduler
from sandbox.paperspace.state.faults import Faults
from sandbox.paperspace.state.world import World

_ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    machines.router,
    accessors.router,
    machine_events.router,
    machine_availability.router,
    os_templates.router,
    custom_templates.router,
    startup_scripts.router,
    public_ips.router,
    private_networks.router,
    shared_drives.router,
    snapshots.router,
)


def create_app(world: World, scheduler: Scheduler) -> FastAPI:
    """`app.state.control` holds the controls."""
    operations, faults = Operations(_ROUTERS), Faults()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.service = Service(world, scheduler)
    app.state.control = Control(world, scheduler, operations, faults)
    handle_errors(app)
    for router in _ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(admin.router)
    app.add_middleware(FaultInjection, faults=faults, operations=operations, guards=Guards(world))
    return app
