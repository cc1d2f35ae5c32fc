"""A student's machine with fastai current and Jupyter ready: everything that one stack holds."""

from __future__ import annotations

from typing import Any

import pulumi

from components import access, cost, proof
from components.access import Access
from components.archive import Archive
from components.authorized_keys import AuthorizedKeys, authorized_keys_step
from components.fastai import FastaiUpdate, fastai_step
from components.idle_stop import IdleLimits, IdleStop, idle_stop_step
from components.inspection import Inspection, Target, inspect
from components.jupyter import Jupyter, jupyter_step
from components.passwords import Passwords, passwords_step
from components.restore import Restore
from components.settings import Settings
from components.ssh import USER
from components.step import Run, Step
from components.token import Token
from provider.address import Address
from provider.machine import Machine
from provider.prices import monthly_total
from provider.reservation import Reservation
from provider.static_address import StaticAddress

SILENT = (
    "the machine does not answer over SSH, though Paperspace says that it is on. Where it powered itself off "
    "without Paperspace noticing, switch it off and on: `pulumi config set power stopped`, `pulumi up`, "
    "`pulumi config rm power`, `pulumi up`"
)

ARCHIVE_OFF = "archive is off: `pulumi destroy` deletes the disk with everything on it"


class Workstation(pulumi.ComponentResource):
    """Keys, machine, fastai, Jupyter, and the proof that it works. Attributes hold the stack's outputs."""

    def __init__(self, stack: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastai:paperspace:Workstation", "workstation", None, opts)
        self.settings = settings
        self.inside = pulumi.ResourceOptions(parent=self)
        self.access = Access("access", settings.ssh_public_key, bool(settings.user_password), self.inside)
        self.token = Token("notebook-token", self.inside)
        self.machine = make_machine(access.alias(stack), settings, self.access, self.inside)
        self.cost_told: pulumi.Output[bool] = pulumi.Output.from_input(
            cost.tell_in_preview(self.machine, settings)
        )
        self.kept_address = self.address_that_stays()
        self.public_ip = self.kept_address[0].ip if self.kept_address else self.machine.public_ip
        self.restored = self.restored_home(stack)
        self.inspection = self.inspected()
        self.keep_home(stack)
        fastai = FastaiUpdate(self.run("fastai"), self.machine.id, self.inside)
        after = pulumi.ResourceOptions.merge(self.inside, pulumi.ResourceOptions(depends_on=[fastai]))
        jupyter = Jupyter(self.run("jupyter"), self.machine.id, after)
        IdleStop(self.run("idle-stop"), self.machine.id, self.inside)
        AuthorizedKeys(self.run("authorized-keys"), self.machine.id, self.inside)
        Passwords(self.run("passwords"), self.machine.id, self.inside)
        self.ready = self.proven(fastai, jupyter)
        self.publish(access.alias(stack))

    def inspected(self) -> pulumi.Output[Inspection]:
        """One look at the machine. It hangs on the machine's id, which an update in place leaves known."""
        settings = self.settings

        async def look(values: list[Any]) -> Inspection:
            machine_id, private_key, public_key, host_key, token = values[:5]
            wanted_on, known_at = settings.power == "running", await self.known_address()
            target = Target(machine_id, settings.ssh_port, private_key, host_key, wanted_on, known_at)
            return await inspect(target, steps_of(settings, public_key, token))

        keys = self.access
        return pulumi.Output.all(
            self.machine.id,
            keys.user_key.private_key,
            keys.user_key.public_key,
            keys.host_key.public_key,
            self.token.value,
            self.restored,
            [address.ip for address in self.kept_address],
        ).apply(look)

    async def known_address(self) -> Address | None:
        """What a preview has just read of the machine; None where it may become another one."""
        ip, state = self.public_ip, self.machine.state
        if not pulumi.runtime.is_dry_run() or not await ip.is_known() or not await state.is_known():
            return None
        return Address(await ip.future(), await state.future() or "")

    def address_that_stays(self) -> list[StaticAddress]:
        """One, or none. What logs in comes after it: it takes the machine's first address away."""
        if not self.settings.keep_public_ip:
            return []
        return [StaticAddress("address", machine_id=self.machine.id, opts=self.inside)]

    def restored_home(self, stack: str) -> pulumi.Output[str]:
        """Known once an archive's files are on the machine, or where none is wanted: the steps come after."""
        settings, keys = self.settings, self.access
        if not settings.restore_from:
            return pulumi.Output.from_input("")
        return Restore(
            "restore",
            machine_id=self.machine.id,
            port=settings.ssh_port,
            private_key=keys.user_key.private_key,
            host_key=keys.host_key.public_key,
            stack=stack,
            directory=settings.archive_directory,
            restore_from=settings.restore_from,
            opts=pulumi.ResourceOptions.merge(
                self.inside, pulumi.ResourceOptions(depends_on=self.kept_address)
            ),
        ).id

    def keep_home(self, stack: str) -> None:
        """Its deletion, before the machine's, saves the home folder. It is made once somebody has been let
        into the machine, which the private key that went through the inspection says: before, there is
        nothing to lose."""
        settings, keys = self.settings, self.access
        if settings.archive == "off":
            pulumi.log.warn(ARCHIVE_OFF)
        Archive(
            "archive",
            machine_id=self.machine.id,
            port=settings.ssh_port,
            private_key=pulumi.Output.all(keys.user_key.private_key, self.inspection).apply(
                lambda known: str(known[0])
            ),
            host_key=keys.host_key.public_key,
            stack=stack,
            mode=settings.archive,
            directory=settings.archive_directory,
            exclude=settings.archive_exclude,
            limit_gb=settings.archive_limit_gb,
            opts=self.inside,
        )

    def run(self, step: str) -> pulumi.Output[Run]:
        return self.inspection.apply(lambda inspection: inspection.runs[step])

    def proven(self, fastai: FastaiUpdate, jupyter: Jupyter) -> pulumi.Output[bool]:
        """True once everything that is to run was tried. Raises pulumi.RunError; the next `up` repairs."""
        settings = self.settings

        async def prove(values: list[Any]) -> bool:
            inspection, token = values[:2]
            if pulumi.runtime.is_dry_run() or settings.power == "stopped":
                return True
            if inspection.login is None:
                raise pulumi.RunError(SILENT)
            try:
                await proof.prove(inspection.login, settings.notebook_port, token)
            except proof.ProofFailed as failure:
                text = f"{failure}\n`pulumi up` again repairs what it can"
                raise pulumi.RunError(text) from failure
            return True

        steps = (fastai.command.stdout, jupyter.command.stdout)
        return pulumi.Output.unsecret(
            pulumi.Output.all(self.inspection, self.token.value, *steps).apply(prove)
        )

    def publish(self, alias: str) -> None:
        """Sets the attributes that `__main__.py` exports."""
        machine, settings, keys = self.machine, self.settings, self.access
        ports = (settings.local_port, settings.notebook_port)
        self.ssh_alias = alias
        self.ssh_user = USER
        self.ssh_host = pulumi.Output.unsecret(self.inspection.apply(lambda inspection: inspection.host))
        self.private_key = keys.user_key.private_key
        self.known_hosts = keys.host_key.public_key.apply(lambda key: access.known_hosts(alias, key))
        self.ssh_config = self.ssh_host.apply(
            lambda host: access.ssh_config(alias, host, settings.ssh_port, *ports)
        )
        self.tunnel_command = self.ssh_host.apply(
            lambda host: access.tunnel_command(alias, host, settings.ssh_port, *ports)
        )
        self.notebook_url = self.ready.apply(lambda _: f"http://localhost:{settings.local_port}/")
        self.notebook_token = self.token.value
        self.monthly_estimate = pulumi.Output.all(machine.hourly_rate, machine.monthly_fixed).apply(
            lambda rates: monthly_total(
                rates[1] or 0.0, rates[0] or 0.0, settings.public_ip_type, settings.hours_per_week
            )
        )
        self.register_outputs({})


def make_machine(name: str, settings: Settings, keys: Access, opts: pulumi.ResourceOptions) -> Machine:
    """The machine. The host key's fingerprint is in the state before it is asked for, so that a machine
    whose creation was interrupted is found again."""
    snapshots = {"frequency": "daily", "keep": 1} if settings.auto_snapshot else {}
    identity = keys.host_key.fingerprint
    reservation = Reservation(
        "reservation", name=name, identity=identity, template=settings.template, opts=opts
    )
    return Machine(
        "machine",
        name=name,
        identity=identity,
        machine_types=list(settings.machine_types),
        regions=list(settings.regions),
        template=settings.template,
        disk_size=settings.disk_size,
        public_ip_type=settings.public_ip_type,
        auto_snapshot={"enabled": settings.auto_snapshot, **snapshots},
        auto_shutdown={"hours": settings.auto_shutdown_hours, "force": False},
        startup_script=keys.startup_script,
        power=settings.power,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[reservation])),
    )


def steps_of(settings: Settings, public_key: str, token: str) -> list[Step]:
    """What is kept up on the machine. `public_key`: the stack's own."""
    return [
        fastai_step(settings.fastai_revision, settings.update_every_days),
        jupyter_step(settings.notebook_port, token),
        authorized_keys_step(
            public_key, settings.ssh_public_key, remove_foreign=settings.remove_foreign_keys
        ),
        passwords_step(settings.user_password, settings.root_password, token),
        idle_stop_step(idle_limits(settings), settings.notebook_port),
    ]


def idle_limits(settings: Settings) -> IdleLimits:
    return IdleLimits(settings.idle_stop_minutes, settings.never_connected_minutes, settings.max_uptime_hours)
