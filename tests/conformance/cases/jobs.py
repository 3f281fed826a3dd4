"""Vectors of Jobs: how they start, end, are suspended, and are deleted; what becomes of their pods."""

from tests.conformance.language import Answer, Change, Create, Delete, Finish, People, Vector, Write, step, vector

PREPARED = step(Create("job", "migration suspended held waits"), job="there held suspended", pods="none")
BEGUN = step(Write("job", Change.RESUME), job="there held started edited", pods="running held owned")
ENDED = step(Finish(), job="there held started edited complete", pods="succeeded held owned")
FAILED = "there started failed BackoffLimitExceeded"

VECTORS: tuple[Vector, ...] = (
    vector("a Job that is created suspended has no pod", "K1", PREPARED),
    vector("a Job that is un-suspended gets its pod, and ends as the pod does", "K1", PREPARED, BEGUN, ENDED),
    vector(
        "a migration that fails has one pod, and is over",
        "K7",
        step(Create("job", "migration held badly"), job=f"{FAILED} held", pods="failed held owned"),
    ),
    vector(
        "a backup that fails has one pod, and is over",
        "K7",
        step(Create("job", "backup badly"), job=FAILED, pods="failed owned"),
    ),
    vector(
        "a backup that ends well is complete",
        "K2",
        step(Create("job", "backup"), job="there started complete", pods="succeeded owned"),
    ),
    vector(
        "a check leaves its exit code in the Job's condition",
        "K27",
        step(Create("job", "check badly"), job="there started failed PodFailurePolicy 1", pods="failed owned"),
    ),
    vector(
        "a check that ends with 0 is complete",
        "K27",
        step(Create("job", "check"), job="there started complete", pods="succeeded owned"),
    ),
    vector(
        "a running backup that is suspended loses its pod",
        "K8",
        step(Create("job", "backup waits"), job="there started", pods="running owned"),
        step(Write("job", Change.SUSPEND), job="there edited suspended", pods="none"),
    ),
    vector(
        "a backup that goes on after a suspension has another pod",
        "K8",
        step(Create("job", "backup waits"), job="there started", pods="running owned"),
        step(People("suspend job"), job="there edited suspended", pods="none"),
        step(Write("job", Change.RESUME), job="there started edited", pods="running owned"),
        step(Finish(), job="there started edited complete", pods="succeeded owned"),
    ),
    vector(
        "what somebody suspended somebody may let go on, with another pod",
        "K8",
        step(Create("job", "backup waits"), job="there started", pods="running owned"),
        step(People("suspend job"), job="there edited suspended", pods="none"),
        step(People("resume job"), job="there started edited", pods="running owned"),
    ),
    vector(
        "a running migration that is suspended loses its pod, which we keep",
        "K8",
        PREPARED,
        BEGUN,
        step(People("suspend job"), job="there held edited suspended", pods="failed deleting held owned"),
    ),
    vector(
        "a migration that goes on after a suspension has a second pod",
        "K8",
        PREPARED,
        BEGUN,
        step(People("suspend job"), job="there held edited suspended", pods="failed deleting held owned"),
        step(
            Write("job", Change.RESUME),
            job="there held started edited",
            pods="failed deleting held owned, running held owned",
        ),
    ),
    vector(
        "a suspension after the end changes nothing",
        "K8",
        PREPARED,
        BEGUN,
        ENDED,
        step(
            Write("job", Change.SUSPEND),
            job="there held started edited complete suspended",
            pods="succeeded held owned",
        ),
    ),
    vector(
        "a failed Job does not begin again when it is suspended and un-suspended",
        "K7",
        step(Create("job", "backup badly"), job=FAILED, pods="failed owned"),
        step(Write("job", Change.SUSPEND), job=f"{FAILED} edited suspended", pods="failed owned"),
        step(Write("job", Change.RESUME), job=f"{FAILED} edited", pods="failed owned"),
    ),
    vector(
        "a suspended Job that is deleted while we keep it does not begin when it is un-suspended",
        "K24",
        PREPARED,
        step(Delete("job"), job="deleting held edited suspended", pods="none"),
        step(Write("job", Change.RESUME), job="deleting held edited", pods="none"),
    ),
    vector(
        "a Job that is deleted while we keep it lets its pod run on, and does not lose it by a suspension",
        "K24",
        PREPARED,
        BEGUN,
        step(Delete("job"), job="deleting held started edited", pods="running held owned"),
        step(Write("job", Change.SUSPEND), job="deleting held started edited suspended", pods="running held owned"),
    ),
    vector(
        "a Job on its way out never says that it is complete",
        "K24",
        PREPARED,
        BEGUN,
        step(People("delete job"), job="deleting held started edited", pods="running held owned"),
        step(Finish(), job="deleting held started edited", pods="succeeded held owned"),
    ),
    vector(
        "a Job's deadline ends its pod",
        "K24",
        step(
            Create("job", "migration held waits deadline"),
            job="there held started",
            pods="running held owned",
        ),
        step(
            People("deadline is over"),
            job="there held started failed DeadlineExceeded",
            pods="failed deleting held owned",
        ),
    ),
    vector(
        "a Job on its way out says after its deadline that it failed, though its migration ended well",
        "K24",
        step(Create("job", "migration held waits deadline"), job="there held started", pods="running held owned"),
        step(Delete("job")),
        step(Finish(), pods="succeeded held owned"),
        step(
            People("deadline is over"),
            job="deleting held edited started failed DeadlineExceeded",
            pods="succeeded held owned",
        ),
    ),
    vector(
        "a suspended Job has no deadline",
        "K24",
        step(Create("job", "migration held waits deadline"), job="there held started", pods="running held owned"),
        step(Write("job", Change.SUSPEND), job="there held edited suspended", pods="failed deleting held owned"),
        step(People("deadline is over"), job="there held edited suspended", pods="failed deleting held owned"),
    ),
    vector(
        "somebody may write that a suspended Job is complete, and it stays so",
        "K18",
        PREPARED,
        step(People("forge"), job="there held suspended started complete", pods="none"),
    ),
    vector(
        "a Job that somebody called complete does not begin",
        "K18",
        PREPARED,
        step(People("forge"), job="there held suspended started complete", pods="none"),
        step(Write("job", Change.RESUME), job="there held edited started complete", pods="none"),
    ),
    vector(
        "somebody may write that a running Job is complete, and its pod runs on",
        "K18",
        PREPARED,
        BEGUN,
        step(People("forge"), job="there held started edited complete", pods="running held owned"),
        step(Finish(), job="there held started edited complete", pods="succeeded held owned"),
    ),
    vector(
        "no Job is created under the name of one that is on its way out",
        "K6",
        PREPARED,
        step(Delete("job"), job="deleting held edited suspended"),
        step(Create("job", "migration suspended held"), Answer.ALREADY_EXISTS),
        step(Write("job", Change.LET_GO), job="gone"),
        step(Create("job", "migration suspended held"), job="there held suspended", pods="none"),
    ),
)
