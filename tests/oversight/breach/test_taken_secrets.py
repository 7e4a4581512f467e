"""What was taken is named secret by secret; the log clears each, a person states the rest, and till then it is open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from terminal import peelian

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.revocation import end_session, retire
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.operations.exposed_secrets import exposed_secrets, note_exposed
from peelian.operations.log_key import propose_log_key, replace_log_key
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.breach.containment import rotate_keys
from peelian.oversight.breach.course import merged, separated, taken
from peelian.oversight.breach.incident import amend, incident_of, open_incident
from peelian.oversight.breach.protocol import secret_named
from peelian.oversight.breach.report import Report
from peelian.oversight.breach.taken_secrets import is_contained, must_be_replaced, secrets_standing

WORDS = "changed at the server by two people"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office of which a copy with keys and an open session was taken, and an incident of that."""
    path = tmp_path_factory.mktemp("taken") / "office"
    with new_office(path, name="Town") as made:
        custodian = made.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        board = made.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        for short, role in (("privacy", Role.PRIVACY_OFFICER), ("clerk", Role.CLERK)):
            made.enrol(short, name=short, unit=short, roles={role}, by=custodian, second=board)
        made.kernel.release.provenance()
        rotate_keys(made.kernel, custodian)  # before the copy was taken: it clears nothing of what is in it
        secret = path / "keys" / "provider.secret"
        secret.write_text("one that a person chose")
        secret.chmod(0o600)
        Sessions(made.kernel).begin(made.person("clerk"), "provider", proof=None)
        made.checkpoint()
        shutil.copytree(path, path.with_name("stolen"))
        open_incident(made.kernel, custodian, Report(kind="copy_lost", words="a copy with keys was lost", exposure={}))
    return path


@pytest.fixture
def town(kept: Path, tmp_path: Path) -> Iterator[Office]:
    """The same, open, for one test."""
    shutil.copytree(kept.parent, tmp_path, dirs_exist_ok=True)
    with open_office(tmp_path / "office") as opened:
        yield opened


def id_of(town: Office) -> str:
    return next(iter(town.kernel.state.records.incidents))


def note(town: Office) -> None:
    assert town.path is not None
    found = exposed_secrets(town, town.path.with_name("stolen"))
    note_exposed(town, town.operator("custodian"), id_of(town), found)


def states(town: Office) -> dict[str, str]:
    found = secrets_standing(town.kernel, incident_of(town.kernel, id_of(town)).secrets)
    return {one.secret.place: one.state for one in found}


def close(town: Office) -> None:
    told = {"reason": "everything was done"}
    amend(town.kernel, town.operator("privacy"), id_of(town), step="closed", changes=told)


def test_each_secret_is_cleared_by_what_replaces_it_and_by_nothing_else(town: Office) -> None:
    note(town)
    kernel, custodian, board = town.kernel, town.operator("custodian"), town.operator("board")
    before = states(town)
    assert set(before.values()) == {"in_use", "stays"}, "nothing is replaced yet"
    done: list[set[str]] = []

    def cleared() -> set[str]:
        found = {place for place, state in states(town).items() if state == "replaced"} - set().union(*done)
        done.append(found)
        return found

    assert cleared() == set()
    rotate_keys(kernel, custodian)
    assert cleared() == {place for place in before if place.startswith("keys/store/")} != set()
    proposal = propose_log_key(town, custodian, words="a backup with keys was lost")
    prove(kernel, board)
    approve(kernel, board, proposal)
    assert cleared() == set(), "what is only agreed on replaces nothing"
    replace_log_key(town, custodian, proposal)
    assert cleared() == {"keys/log.pem"}
    for session in list(kernel.state.seated):
        end_session(kernel, custodian, session)
    assert cleared() == {"state/state.db"}
    retire(kernel, custodian, town.person("clerk").token)
    assert cleared() == {"keys/operators/clerk.pem"}
    secret_named(kernel, custodian, id_of(town), "keys/provider.secret", replaced=WORDS)
    assert cleared() == {"keys/provider.secret"}
    note(town)
    left = {place for place, state in states(town).items() if state == "in_use"}
    assert "keys/provider.secret" in left, "found in use once more, no statement clears it"
    assert "keys/log.pem" not in left and not any(place.startswith("keys/store/") for place in left)


def test_the_incident_names_no_secret_itself(town: Office) -> None:
    note(town)
    assert town.path is not None
    kept = json.dumps([entry for _, entry in town.kernel.stores.log.read()])
    kept += repr(incident_of(town.kernel, id_of(town)).secrets)
    for file in (town.path / "keys").rglob("*"):
        if file.is_file() and file.suffix in (".pem", ".key"):
            content = file.read_bytes()
            assert content.hex() not in kept
            if content != (town.path / "keys" / "token.key").read_bytes():  # which is bytes and no text
                lines = [line for line in content.decode().splitlines() if len(line) > 15 and "KEY" not in line]
                assert lines and not any(line in kept for line in lines)
    assert "one that a person chose" not in kept
    (chosen,) = (one for one in incident_of(town.kernel, id_of(town)).secrets if "provider" in one.place)
    assert chosen.mark == "", "what a person chose can be guessed from a digest"


def test_it_cannot_be_closed_while_a_secret_is_in_use_and_the_refusal_says_what_to_do(town: Office) -> None:
    note(town)
    with pytest.raises(Refused) as refused:
        close(town)
    told = {reason.says.split()[0]: reason.remedy for reason in refused.value.reasons}
    assert "peelian key log" in told["keys/log.pem"] and "keys/provider.secret" in told
    assert "keys/token.key" not in told, "what nothing replaces does not keep it open for ever"
    kernel = town.kernel
    secrets = incident_of(kernel, id_of(town)).secrets
    alone = [one for one in secrets if one.kind == "token key"]
    must_be_replaced(kernel, alone)
    assert not is_contained(secrets_standing(kernel, alone)), "yet it is not contained"
    assert is_contained(secrets_standing(kernel, [replace(alone[0], in_use=False)])) and is_contained(())


def test_what_is_stated_is_stated_in_words_and_only_where_the_log_cannot_tell(town: Office) -> None:
    note(town)
    kernel, officer, id = town.kernel, town.operator("privacy"), id_of(town)
    with pytest.raises(InputError, match="no statement"):
        secret_named(kernel, officer, id, "keys/provider.secret", replaced="done")
    with pytest.raises(OutOfOrder, match="by itself"):
        secret_named(kernel, officer, id, "keys/log.pem", replaced=WORDS)
    with pytest.raises(InputError, match="no such secret"):
        secret_named(kernel, officer, id, "the broker's password", replaced=WORDS)
    with pytest.raises(InputError, match="outside the incident"):
        secret_named(kernel, officer, id, "keys/provider.secret", replaced=WORDS, on="2031-01-01")
    with pytest.raises(InputError, match="no secret named"):
        secret_named(kernel, officer, id, "   ")
    with pytest.raises(Refused):
        secret_named(kernel, town.operator("clerk"), id, "the broker's password")
    secret_named(kernel, officer, id, "the broker's password")
    assert states(town)["the broker's password"] == "in_use"
    made = secret_named(kernel, officer, id, "the broker's password", replaced=WORDS)
    assert states(town)["the broker's password"] == "replaced"
    entry = next(e for _, e in kernel.stores.log.read(kinds=["AMENDED"]) if e["step"] == "replaced")
    assert "signature" in entry and "password" not in json.dumps(entry), "signed, and public without a word of it"
    assert next(one.how for one in made.secrets if one.place == "the broker's password") == WORDS


def test_what_was_read_from_the_log_alone_says_the_same(town: Office) -> None:
    """Nothing of it rests on this process: whoever opens the office anew sees the same list."""
    note(town)
    before = states(town)
    assert town.path is not None
    with open_office(town.path) as other:
        assert states(other) == before
        rotate_keys(other.kernel, other.operator("custodian"))
    town.kernel.stores.follow()
    assert states(town) != before


def test_a_secret_found_in_use_opens_a_closed_incident_again_and_one_found_twice_does_not(town: Office) -> None:
    closed = replace(incident_of(town.kernel, id_of(town)), closed_at="2026-12-02T10:00:00+00:00")
    told = {"kind": "token key", "place": "keys/token.key", "mark": "0" * 64}
    unused = taken(closed, "secrets", {"secrets": [{**told, "in_use": False}]}, closed.internal_at)
    assert unused.closed_at and not unused.trace
    opened = taken(closed, "secrets", {"secrets": [told]}, closed.internal_at)
    assert not opened.closed_at and opened.trace[-1][1] == "reopened"
    again = replace(opened, closed_at="2026-12-02T11:00:00+00:00")
    assert taken(again, "secrets", {"secrets": [{**told, "size": 9}]}, "2026-12-02T12:00:00+00:00").closed_at


def test_joining_and_separating_incidents_loses_no_secret(town: Office) -> None:
    note(town)
    incident = incident_of(town.kernel, id_of(town))
    other = replace(incident, id="b-2", secrets=(replace(incident.secrets[0], place="elsewhere"),))
    both = merged(incident, other, incident.internal_at)
    assert {one.place for one in both.secrets} == {one.place for one in incident.secrets} | {"elsewhere"}
    two = replace(both, reports=(*incident.reports, replace(incident.reports[0], words="another copy")))
    assert all(part.secrets == both.secrets for part in separated(two, [2], "b-3", incident.internal_at))


def test_the_commands_take_a_finding_and_show_what_is_left(town: Office, tmp_path: Path) -> None:
    id, office = id_of(town), ("--office", str(town.path))
    said = peelian("keys", "exposed", str(tmp_path / "stolen"), "--incident", id, *office, cwd=tmp_path)
    assert said.returncode == 1 and id in said.stdout, said.stderr
    shown = peelian("breach", "show", id, *office, cwd=tmp_path)
    assert "NOT CONTAINED" in shown.stdout and "keys/token.key" in shown.stdout
    closed = peelian("breach", "close", id, "--reason", "all is done", "--as", "privacy", *office, cwd=tmp_path)
    assert closed.returncode == 3 and "peelian key log" in closed.stderr + closed.stdout
