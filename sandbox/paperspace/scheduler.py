"""Performs transitions as they come due: one at a time for a machine, several machines at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sandbox.paperspace.guests import Guests
from sandbox.paperspace.performing import boot_guest, log, perform
from sandbox.paperspace.state import booting, transitions
from sandbox.paperspace.state.booting import Boot
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World

_WORKERS = 8


class Scheduler:
    """A thread that looks for what is due, and workers that do it, so that the API answers meanwhile."""

    def __init__(self, world: World, guests: Guests) -> None:
        self._world, self._guests = world, guests
        self._condition = threading.Condition()
        self._busy: set[str] = set()
        self._looked_at = self._changes = 0
        self._stopping = False
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="guests")
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Boots what ran when the sandbox ended, then begins to look for what is due."""
        list(self._workers.map(self._boot_again, booting.plan_again(self._world)))
        self._world.database.after_commit = self.wake
        self._thread.start()

    def stop(self) -> None:
        """Waits for what is being performed; leaves the rest to the next start."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._workers.shutdown(wait=True)

    def wake(self) -> None:
        """Something may have come due."""
        with self._condition:
            self._changes += 1
            self._condition.notify_all()

    def settle(self, timeout: float) -> bool:
        """Waits until nothing is due or being performed; False when that took over `timeout` seconds."""
        self.wake()
        with self._condition:
            return self._condition.wait_for(self._is_settled, timeout)

    def _is_settled(self) -> bool:
        return self._looked_at == self._changes and not self._busy

    def _run(self) -> None:
        while True:
            with self._condition:
                if self._stopping:
                    return
                seen = self._changes
            wait = self._submit_due()
            with self._condition:
                self._looked_at = seen
                self._condition.notify_all()
                self._condition.wait_for(partial(self._has_news, seen), wait)

    def _has_news(self, seen: int) -> bool:
        return self._stopping or self._changes != seen

    def _submit_due(self) -> float | None:
        """Hands out what is due; the seconds until the next, None when only a change can bring it."""
        pending = transitions.pending(self._world)
        now = self._world.clock.now()
        for transition in pending:
            if transition.is_due(now) and self._claim(transition.machine_id):
                self._workers.submit(self._perform, transition)
        if self._world.clock.manual:
            return None
        later = [transition.due - now for transition in pending if transition.due and transition.due > now]
        return min(later, default=None)

    def _claim(self, machine_id: str) -> bool:
        with self._condition:
            free = machine_id not in self._busy
            self._busy.add(machine_id)
        return free

    def _perform(self, transition: Transition) -> None:
        try:
            # It may have been performed, or cancelled, between the look and the claim.
            if transitions.is_pending(self._world, transition):
                perform(self._world, self._guests, transition)
        finally:
            with self._condition:
                self._busy.discard(transition.machine_id)
            self.wake()

    def _boot_again(self, boot: Boot) -> None:
        try:
            boot_guest(self._guests, boot)
        except Exception as error:  # noqa: BLE001 - one machine's failure does not stop the others
            log.warning("%s did not boot again: %s", boot.machine_id, error, exc_info=True)
            booting.lost(self._world, boot.machine_id)
        else:
            booting.booted_again(self._world, boot)
