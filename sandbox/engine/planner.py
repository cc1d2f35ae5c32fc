"""Plans the steps of each registration and, at the end, the deletes (deploy/step_generator.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from sandbox.engine.aliases import Aliases
from sandbox.engine.diff import Diff, replacing
from sandbox.engine.errors import Bail, unsupported
from sandbox.engine.paths import with_ignored
from sandbox.engine.providers import Provider
from sandbox.engine.registry import Registry
from sandbox.engine.replacement import cascade
from sandbox.engine.state import Resource, Snapshot
from sandbox.engine.steps import Goal, Step
from sandbox.engine.targets import Operated, Options, deletable, is_targeted, matches
from sandbox.engine.values import PropertyMap

Report = Callable[[str, str, str], None]
"""(severity, message, urn) to the user."""


class Planner:
    def __init__(
        self, stack: str, project: str, base: Snapshot, registry: Registry, options: Options, report: Report
    ) -> None:
        self._registry, self._options, self._report = registry, options, report
        self.resources = base.resources
        self.olds = {resource.urn: resource for resource in base.resources if not resource.delete}
        self.operated = Operated()
        self._aliases = Aliases(stack, project)
        self._deleted_for_replacement: set[Resource] = set()
        self._replace_keys: dict[str, list[str]] = {}
        self.errored = False

    def plan(self, goal: Goal) -> list[Step]:
        """The steps, in order, for one registration. Raises Bail (already reported) or StepFailed."""
        new = goal.new
        old = self._old(goal)
        if old is not None:
            new.created, new.modified = old.created, old.modified
        self._refuse_import(new, old)
        recreating = new.urn in self.operated.deleted
        targeted = is_targeted(new, self._options, self.operated)
        given = new.inputs
        if targeted:
            fresh = old is None or recreating or old.external or self._must_replace(old)
            new.inputs = self._checked(new, None if fresh else old)
        if old is None:
            return [self._create(new) if targeted else self._skip(new)]
        if recreating:
            self.operated.deleted.discard(new.urn)
            self.operated.replaced.add(new.urn)
            keys = self._replace_keys.get(new.urn, [])
            return [
                Step("replace", old, new),
                Step("create-replacement", old, new, Diff(True, keys), logical=False),
            ]
        if old.external:
            self.operated.kept.add(new.urn)
            return _replacement(old, new, Diff(True), created_first=True)
        if not targeted:
            return self._untargeted(old)
        return self._changes(goal, old, given)

    def _refuse_import(self, new: Resource, old: Resource | None) -> None:
        if new.import_id and (old is None or old.external or (old.import_id or old.id) != new.import_id):
            self._fail(new.urn, unsupported("importing resources is"))

    def _old(self, goal: Goal) -> Resource | None:
        urn = goal.new.urn
        if urn in self.operated.seen:
            self._fail(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self.operated.seen.add(urn)
        for candidate in (urn, *self._aliases.of(goal)):
            if (old := self.olds.get(candidate)) is None:
                continue
            if candidate != urn:
                if candidate in self.operated.seen or candidate in self._aliases.renamed:
                    self._fail(
                        urn,
                        f"Duplicate resource URN '{candidate}' conflicting with alias on resource '{urn}'",
                    )
                self._aliases.renamed[candidate] = urn
                goal.new.aliases = [candidate]
            return old
        return None

    def _checked(self, new: Resource, old: Resource | None) -> PropertyMap:
        """The provider's checked inputs; a component's stay as they are."""
        inputs, unmatched = (
            with_ignored(new.inputs, old.inputs, new.ignore_changes) if old else (new.inputs, [])
        )
        if unmatched:
            paths = ", ".join(unmatched)
            self._report(
                "info", f'cannot ignore changes in added or removed elements of the path: "{paths}"', new.urn
            )
        if not new.custom:
            return new.inputs
        olds = old.inputs if old else {}
        provider = self._registry if new.is_provider else self.provider_of(new)
        checked, failures = provider.check(new.urn, olds, inputs)
        for name, reason in failures:
            problem = (
                f"property {name} value {{{_text(new.inputs.get(name))}}} has a problem: {reason}"
                if name
                else reason
            )
            self._report("error", f"{new.type} resource '{new.name}': {problem}", new.urn)
        if failures:
            raise Bail
        return checked

    def provider_of(self, resource: Resource) -> Provider:
        """The configured provider; one that is only in state is configured from there."""
        if found := self._registry.get(resource.provider):
            return found
        urn, _, identity = resource.provider.rpartition("::")
        recorded = next((r for r in self.resources if r.urn == urn and r.id == identity), None)
        if recorded is None:
            self._fail(resource.urn, f"unknown provider '{resource.provider}' for resource '{resource.urn}'")
        self._registry.configure(recorded, identity)
        found = self._registry.get(resource.provider)
        assert found is not None
        return found

    def _create(self, new: Resource) -> Step:
        self.operated.kept.add(new.urn)
        needs = sorted(new.references() & self.operated.skipped)
        if needs:
            problem = (
                f"Resource '{new.urn}' depends on '{needs[0]}' which was was not specified in --target list."
            )
            self._fail(
                new.urn,
                f"{problem}\nInclude it in the --target list or pass --target-dependents to proceed.",
            )
        return Step("create", None, new)

    def _skip(self, new: Resource) -> Step:
        self.operated.kept.add(new.urn)
        self.operated.skipped.add(new.urn)
        return Step("same", new, new, skipped=True)

    def _untargeted(self, old: Resource) -> list[Step]:
        """The old state again, preceded by untargeted things it needs that no step has kept yet."""
        steps = []
        for needed in [r for r in self.resources if not r.delete and r.urn in old.references()]:
            if needed.urn not in self.operated.seen | self.operated.kept:
                self.operated.seen.add(needed.urn)
                steps += self._untargeted(needed)
        self.operated.kept.add(old.urn)
        return [*steps, Step("same", old, old.copy())]

    def _changes(self, goal: Goal, old: Resource, given: PropertyMap) -> list[Step]:
        new = goal.new
        diff = replacing(self._diff(old, new), new.replace_on_changes)
        if old.pending_replacement or (diff.changes and diff.replaces):
            return self._replace(goal, old, given, diff)
        self.operated.kept.add(new.urn)
        return [Step("update" if diff.changes else "same", old, new, diff)]

    def _diff(self, old: Resource, new: Resource) -> Diff:
        if self._must_replace(old):
            return Diff(True, ["id"])
        if new.deleted_with in self.operated.replaced:
            return Diff(True, ["deletedWith"])
        if bool(old.provider) != bool(new.provider):  # another one would do, for none here has DiffConfig
            return Diff(True, ["provider"])
        if not new.custom:
            return Diff(old.inputs != new.inputs)
        return self._compare(old, new.inputs, new)

    def _replace(self, goal: Goal, old: Resource, given: PropertyMap, diff: Diff) -> list[Step]:
        new = goal.new
        if new.protect and old.protect:
            problem = f'unable to replace resource "{new.urn}"\nas it is currently marked for protection.'
            problem += (
                " the resource, remove the `protect` flag from the resource in your Pulumi program and run"
            )
            self._report("error", f"{problem} `pulumi up`", new.urn)
            self.errored = True
            if not self._options.preview:  # a preview goes on, so that all problems are seen at once
                raise Bail
        self.operated.replaced.add(new.urn)
        if new.custom and not self._must_replace(old):
            new.inputs = given
            new.inputs = self._checked(new, None)
        first = (
            goal.delete_before_replace
            if goal.delete_before_replace is not None
            else diff.delete_before_replace
        )
        if not first:
            return _replacement(old, new, diff, created_first=True)
        steps = [self._delete_dependant(each, keys, new.urn) for each, keys in self._cascade(old)[::-1]]
        if not old.pending_replacement:
            self.operated.deleted.add(old.urn)
            self._deleted_for_replacement.add(old)
            steps.append(Step("delete-replaced", old, None, logical=False, pending=True))
        self.operated.deleted.discard(new.urn)
        return [*steps, *_replacement(old, new, diff, created_first=False)]

    def _cascade(self, root: Resource) -> list[tuple[Resource, list[str]]]:
        operated = self.operated
        done = operated.kept | operated.replaced | operated.deleted - {root.urn}
        found = cascade(root, self.resources, done, self._compare)
        return [(each, keys) for each, keys in found if each not in self._deleted_for_replacement]

    def _compare(self, old: Resource, inputs: PropertyMap, new: Resource | None = None) -> Diff:
        """What the provider of `new` (or of `old`) says to other inputs."""
        asking = new or old
        provider = self._registry if old.is_provider else self.provider_of(asking)
        return provider.diff(old, inputs, asking.ignore_changes)

    def _delete_dependant(self, resource: Resource, keys: list[str], cause: str) -> Step:
        if resource.protect:
            problem = f'unable to replace resource "{resource.urn}" as part of replacing "{cause}"'
            fix = f"run `pulumi state unprotect '{resource.urn}'`"
            self._fail(cause, f"{problem} as it is currently marked for protection; {fix}")
        self._replace_keys[resource.urn] = keys
        self.operated.deleted.add(resource.urn)
        self._deleted_for_replacement.add(resource)
        return Step("delete-replaced", resource, None, logical=False, pending=True)

    def plan_read(self, new: Resource) -> list[Step]:
        old = self._old(Goal(new, new.name))
        if old is not None and not old.external and old.id != new.id:
            self.operated.replaced.add(new.urn)
            return [Step("read-replacement", old, new, logical=False), Step("replace", old, new)]
        self.operated.kept.add(new.urn)
        return [Step("read", old, new)]

    def _must_replace(self, old: Resource) -> bool:
        return old.taint or matches(old.urn, self._options.replace)

    def is_operated(self, urn: str) -> bool:
        urn = self._aliases.renamed.get(urn, urn)
        return urn in self.operated.kept or urn in self.operated.replaced

    def plan_deletes(self) -> tuple[list[Step], list[Step]]:
        """(steps that keep what no target names, steps that delete what the program no longer registers)."""
        allowed = deletable(self.resources, self._options)
        deletes = [
            step for resource in self.resources if resource in allowed and (step := self._deletion(resource))
        ]
        spared = [r for r in self.resources if r not in allowed and not self.is_operated(r.urn)]
        options = self._options
        for step in deletes:
            if options.targets and not options.target_dependents and not matches(step.urn, options.targets):
                problem = f"Resource '{step.urn}' will be destroyed but was not specified in --target list."
                fix = "Either include resource in --target list or pass --target-dependents to proceed."
                self._fail(step.urn, f"{problem}\n{fix}")
        self.operated.deleted.update(step.urn for step in deletes)
        return [Step("same", resource, resource.copy()) for resource in spared], deletes

    def _deletion(self, resource: Resource) -> Step | None:
        if resource.delete:
            if resource in self._deleted_for_replacement:
                return None
            return Step(
                "discard-replaced" if resource.external else "delete-replaced", resource, None, logical=False
            )
        if self.is_operated(resource.urn):
            return None
        if resource.pending_replacement:
            return Step("remove-pending-replace", resource, None, logical=False)
        return Step("discard" if resource.external else "delete", resource, None)

    def _fail(self, urn: str, message: str) -> NoReturn:
        self._report("error", message, urn)
        raise Bail


def _replacement(old: Resource, new: Resource, diff: Diff, created_first: bool) -> list[Step]:
    create = Step("create-replacement", old, new, diff, logical=False, pending=created_first)
    replace = Step("replace", old, new, diff)
    return [create, replace] if created_first else [replace, create]


def _text(value: Any) -> str:
    return "[secret]" if isinstance(value, dict) else str(value)
