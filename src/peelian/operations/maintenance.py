"""Maintenance: heartbeat, witness, warrants that lapse and the daily job, while an office is open.

A heartbeat says in the log that the office was open and had nothing to say, so that a gap means something. The witness
is asked after 60 seconds or 256 entries, whichever is first. In the log its answer stands only when it changes.
The daily job (`peelian retention run`) is done here, too: whatever serves the office keeps others from opening it. And
once a minute what was appended is signed, so that after a crash, too, no part of the office takes an older log for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic

from peelian.errors import IntegrityError, Objection, OfficeShut, PeelianError
from peelian.integrations.witness_client import Witnessing, ask_witness
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.retention.expiry_job import has_jumped, is_due, sweep_in_slices
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import unless_damaged
from peelian.kernel.verbs.warrant_lifecycle import let_lapse
from peelian.oversight.breach.damage import open_incidents
from peelian.oversight.opening import put_right
from peelian.oversight.watches.zone_levels import forget_levels
from peelian.storage.log_publisher import PublishedLog

EVERY = timedelta(seconds=60)
ENTRIES = 256
ATTENDING = "attending"  # the lease of each process that publishes the log and does what is due
AGAIN = timedelta(hours=1)  # the daily job, where it failed
BETWEEN = 0.005  # seconds between two slices of it
APART = 20 * 3600.0  # seconds that really pass, at least, between two of them that one process does


@dataclass(slots=True, kw_only=True)
class Maintenance:
    """The office's own duties. `tick` does what is due; `attended` ticks once a second in the background."""

    kernel: Kernel
    log: PublishedLog | None  # None where a registrar attends: this office keeps its state in step
    puts_right: bool = True  # not a registrar, which does not know what its clients' processes still work on
    tidied: Callable[[], object] = lambda: None  # in a divided office: what the registrar destroyed goes here, too
    witness: Witness | None = None
    objected: Callable[[str, datetime], str] = lambda says, at: says  # keep what the witness objects to
    every: timedelta = EVERY
    entries: int = ENTRIES
    stopwatch: Callable[[], float] = monotonic  # seconds that really pass, whatever the clock says
    alarm: IntegrityError | None = None  # the witness found the log rewritten, or the disk failed: the office shuts
    _asked: datetime | None = None
    _tried: datetime | None = None  # the daily job
    _done: float | None = None  # the daily job, by the stopwatch
    _seen: int = 0  # the size the witness cosigned last
    _signed: int = 0  # the size that was signed here last
    _signs: datetime | None = None  # not again before
    _forgot: datetime | None = None  # when old live levels were last deleted
    _stop: Event = field(default_factory=Event)

    def tick(self) -> Witnessing | None:
        """Do what is due now, unless another process of the office does; what the witness said where it was asked.
        IntegrityError: begin the breach protocol."""
        with self.kernel.stores.lease("maintenance", False) as mine:
            return self._tick() if mine else None

    def _tick(self) -> Witnessing | None:
        self._forget()
        if self.log is None:
            self._tidy()
            open_incidents(self.kernel)  # the registrar enters them
            return None
        now = self.kernel.now()
        if self.kernel.doubt():  # until two people confirm the present, what they do is signed, and nothing else done
            self._sign(now)
            return None
        self._each(self._lapse, self._beat)
        answer = self.ask() if self._is_due(now) else None
        self._each(self._sweep, lambda: self._sign(now))
        open_incidents(self.kernel)
        return answer

    def _each(self, *duties: Callable[[], object]) -> None:
        """Every duty, whatever is damaged that another one rests on; IntegrityError where the office is shut."""
        for duty in duties:
            unless_damaged(self.kernel.state.notice, duty, None)

    def _lapse(self) -> None:
        if not has_jumped(self.kernel):
            let_lapse(self.kernel)

    def _beat(self) -> None:
        head, now = self.kernel.stores.log.head(), self.kernel.now()
        if not head["latest"] or now - datetime.fromisoformat(head["latest"]) >= self.every:
            self.kernel.append("HEARTBEAT", entries=self.kernel.stores.log.size())

    def _compare(self) -> None:
        """Derive every row anew once a day; IntegrityError where one differs from what the log says. O(entries)."""
        from peelian.operations.rebuild import rebuilt  # heavy, and rare

        if self.log is not None and (found := rebuilt(self.kernel)):
            says = f"{len(found):,} rows of the database differ from the log, the first is {found[0][:80]}"
            raise IntegrityError(
                f"{says}. Keep a copy, run `peelian doctor --rebuild` and begin the breach protocol.",
                of=f"row {found[0]}",
            )

    def _lay_out(self) -> None:
        """Rows of released counts follow the signed records, whatever became of either since. O(released days)."""
        from peelian.operations.released_layout import unlike_released

        if self.log is not None:
            for _ in unlike_released(self.kernel, repair=True):
                pass

    def _sign(self, now: datetime) -> None:
        """Sign what was appended for a while, so that log heads guard it even where nothing ever closes the log."""
        entries = self.kernel.stores.log.size()
        if self.log is not None and entries > self._signed and (not self._signs or now >= self._signs):
            if self.puts_right and self.kernel.doubt() is None:
                put_right(self.kernel)  # what a process left that ended in the middle of a run
            self.log.checkpoint()
            self._signed, self._signs = entries, now + self.every

    def _forget(self) -> None:
        """Live levels are deleted within a day, whether or not anybody looks at them or measures any more."""
        now = self.kernel.now()
        if self._forgot is None or now >= self._forgot + self.every:
            self._forgot = now
            forget_levels(self.kernel)

    def _tidy(self) -> None:
        """What the registrar has destroyed by its daily job lies here no longer, in the next minute."""
        now = self.kernel.now()
        if self._signs is None or now >= self._signs:
            self._signs = now + self.every
            with self.kernel.lock:  # taking the turn is what brings the state in step
                self.tidied()

    def _sweep(self) -> None:
        now = self.kernel.now()
        if not is_due(self.kernel) or (self._tried is not None and now - self._tried < AGAIN):
            return
        if self.clock_runs_fast():
            return
        self._tried = now
        for _ in sweep_in_slices(self.kernel):
            if self._stop.wait(BETWEEN):  # whoever waits for the kernel has it now; what is left is done the next time
                return
        self._done = self.stopwatch()
        self._compare()
        self._lay_out()

    def clock_runs_fast(self) -> bool:
        """Whether the next daily job is due by the clock, though the last one was done here less than 20 hours ago."""
        return self._done is not None and is_due(self.kernel) and self.stopwatch() - self._done < APART

    def ask(self) -> Witnessing | None:
        """Ask the witness now; None where there is none. Where it objects nothing is logged or signed from then on:
        Objection, with what to do."""
        if self.log is None or self.witness is None:
            return None
        now = self._asked = self.kernel.now()
        try:
            answer = ask_witness(self.log, self.witness, seen=self._seen)
        except Objection as objection:
            told = self.objected(str(objection), now)
            self.log.stop(told)
            self.alarm = Objection(told)
            raise self.alarm from objection
        self._seen = answer.size if answer.cosigned else self._seen
        said = "WITNESSED" if answer.cosigned else "UNWITNESSED"
        if self.kernel.state.duties.witness != said:
            self.kernel.append(said, size=answer.size)
        return answer

    @contextmanager
    def attended(self, *, seconds: float = 1.0) -> Iterator[Maintenance]:
        """Tick in the background as long as the context lasts; what stopped the log meanwhile is raised at its end."""
        thread = Thread(target=self._attend, args=(seconds,), daemon=True, name="maintenance")
        thread.start()
        try:
            with self.kernel.stores.lease(ATTENDING, True, True):
                yield self
        finally:
            self._stop.set()
            thread.join()
        if self.alarm is not None:
            raise self.alarm

    def _is_due(self, now: datetime) -> bool:
        grown = self.kernel.stores.log.size() - self._seen
        return self._asked is None or grown >= self.entries or (grown > 0 and now - self._asked >= self.every)

    def _attend(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            try:
                self.tick()
            except OfficeShut as fault:  # it goes on once that is restored
                self.kernel.state.notice(fault)
                continue
            except IntegrityError as alarm:
                self.alarm = alarm
                if self.log is not None:
                    self.log.stop(str(alarm))  # already stopped where the witness objected
                return
            except (PeelianError, OSError):  # said again by the next tick and by `peelian doctor`; the office goes on
                continue
