"""Vectors of targets: an image that is applied, what the rollout says right then, and what others write."""

from tests.conformance.language import Answer, Change, Create, Delete, Named, People, Vector, Write, step, vector

SERVING = step(Create("target"), target="old complete")
PROMOTED = step(Write("target", Change.IMAGE), answer_shows="new unobserved", target="new complete")
FENCED = step(Write("target", Change.FENCE), answer_shows="old unobserved fenced", target="old complete fenced")
MEDDLED = step(People("set image"), target="old complete")
RELEASED_BY_HAND = step(People("set image"), target="new complete")
S = "statefulset"
SET = step(Create(S), statefulset="old complete")
SET_FENCED = step(Write(S, Change.FENCE), statefulset="old complete fenced")
"""An annotation raises the generation of a Deployment, and not that of a StatefulSet."""
D = "daemonset"
DAEMON = step(Create(D), daemonset="old complete")
DAEMON_FENCED = step(Write(D, Change.FENCE), daemonset="old complete fenced")

VECTORS: tuple[Vector, ...] = (
    vector("right after a promotion nothing is known of its rollout", "K9", SERVING, PROMOTED),
    vector(
        "right after a promotion an old failure counts no more",
        "K9",
        step(Create("target", "fails"), target="old failed"),
        step(Write("target", Change.IMAGE), answer_shows="new unobserved", target="new failed"),
    ),
    vector("right after a fence nothing is known of the rollout, and then it is what it was", "K9", SERVING, FENCED),
    vector(
        "a promotion leaves the fence",
        "K29",
        SERVING,
        FENCED,
        step(Write("target", Change.IMAGE), answer_shows="new unobserved fenced", target="new complete fenced"),
    ),
    vector(
        "a restart for the same image is a rollout",
        "K9",
        SERVING,
        PROMOTED,
        step(Write("target", Change.RESTART), answer_shows="new unobserved restarted", target="new complete restarted"),
    ),
    vector(
        "a restart that was done is not done again",
        "K9",
        SERVING,
        step(Write("target", Change.RESTART), answer_shows="new unobserved restarted", target="new complete restarted"),
        step(Write("target", Change.RESTART), Answer.UNCHANGED, answer_shows="new complete restarted"),
    ),
    vector(
        "who sets an image past us is not hindered, and we take it back",
        "K29",
        SERVING,
        PROMOTED,
        MEDDLED,
        step(Write("target", Change.IMAGE), answer_shows="new unobserved", target="new complete"),
    ),
    vector(
        "an image that somebody has set is ours when we apply it: its version moves, and nothing is rolled out",
        "K29",
        SERVING,
        RELEASED_BY_HAND,
        step(Write("target", Change.IMAGE), answer_shows="new complete", target="new complete"),
        step(Write("target", Change.IMAGE), Answer.UNCHANGED, target="new complete"),
    ),
    vector(
        "who sets an image past us makes a promotion wait for another look",
        "K31",
        SERVING,
        step(Write("target", Change.TOUCH, Named.NOBODY, Named.NOBODY), target="old complete"),
        step(Write("target", Change.IMAGE, version=Named.FIRST), Answer.CONFLICT, target="old complete"),
    ),
    vector(
        "a late promotion does not pass a fence that was written since",
        "K31",
        SERVING,
        FENCED,
        step(Write("target", Change.IMAGE, version=Named.FIRST), Answer.CONFLICT, target="old complete fenced"),
    ),
    vector(
        "a fence that somebody drops is gone, and starts no rollout",
        "K29",
        SERVING,
        FENCED,
        step(People("drop fence"), target="old complete"),
    ),
    vector(
        "a target that is replaced has no fence, and is not promoted for the old one",
        "K31",
        SERVING,
        FENCED,
        step(People("replace target"), target="old complete"),
        step(Write("target", Change.IMAGE, uid=Named.FIRST), Answer.CONFLICT, target="old complete"),
    ),
    vector(
        "a target that is deleted is not promoted",
        "K31",
        SERVING,
        step(People("delete target"), target="gone"),
        step(Write("target", Change.IMAGE, Named.FIRST, Named.FIRST), Answer.NOT_FOUND, target="gone"),
    ),
    vector(
        "a target that is scaled or labelled has another version, and no rollout",
        "K9",
        SERVING,
        step(People("touch"), target="old complete"),
        step(Write("target", Change.FENCE, version=Named.FIRST), Answer.CONFLICT),
    ),
    vector(
        "a target is deleted by name whatever it was promoted to",
        "",
        SERVING,
        PROMOTED,
        step(Delete("target"), target="gone"),
    ),
    vector(
        "a StatefulSet is promoted, and right then nothing is known of its rollout",
        "",
        SET,
        step(Write(S, Change.IMAGE), answer_shows="new unobserved", statefulset="new complete"),
        step(Write(S, Change.IMAGE), Answer.UNCHANGED, statefulset="new complete"),
    ),
    vector(
        "a StatefulSet is fenced, which starts no rollout, and a promotion leaves the fence",
        "",
        SET,
        SET_FENCED,
        step(Write(S, Change.IMAGE), answer_shows="new unobserved fenced", statefulset="new complete fenced"),
    ),
    vector(
        "a StatefulSet is restarted for the same image, once",
        "",
        SET,
        step(Write(S, Change.RESTART), answer_shows="new unobserved restarted", statefulset="new complete restarted"),
        step(Write(S, Change.RESTART), Answer.UNCHANGED, answer_shows="new complete restarted"),
    ),
    vector(
        "a StatefulSet whose pod does not come up never fails by itself",
        "",
        step(Create(S, "fails"), statefulset="old progressing"),
        step(Write(S, Change.IMAGE), answer_shows="new unobserved", statefulset="new progressing"),
    ),
    vector(
        "a late promotion of a StatefulSet does not pass a fence that was written since",
        "",
        SET,
        SET_FENCED,
        step(Write(S, Change.IMAGE, version=Named.FIRST), Answer.CONFLICT, statefulset="old complete fenced"),
    ),
    vector(
        "a DaemonSet is promoted, and right then nothing is known of its rollout",
        "",
        DAEMON,
        step(Write(D, Change.IMAGE), answer_shows="new unobserved", daemonset="new complete"),
        step(Write(D, Change.IMAGE), Answer.UNCHANGED, daemonset="new complete"),
    ),
    vector(
        "a DaemonSet is fenced, which starts no rollout, and a promotion leaves the fence",
        "",
        DAEMON,
        DAEMON_FENCED,
        step(Write(D, Change.IMAGE), answer_shows="new unobserved fenced", daemonset="new complete fenced"),
    ),
    vector(
        "a DaemonSet is restarted for the same image, once",
        "",
        DAEMON,
        step(Write(D, Change.RESTART), answer_shows="new unobserved restarted", daemonset="new complete restarted"),
        step(Write(D, Change.RESTART), Answer.UNCHANGED, answer_shows="new complete restarted"),
    ),
    vector(
        "a StatefulSet that is deleted is not promoted",
        "",
        SET,
        step(Delete(S), statefulset="gone"),
        step(Write(S, Change.IMAGE, Named.FIRST, Named.FIRST), Answer.NOT_FOUND, statefulset="gone"),
    ),
)
