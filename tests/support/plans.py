"""A plan as somebody might train."""

from sweeper.repository.plan import Plan

#: What ``sweeper run`` does with 1,000 images of ten classes.
PLAN = Plan(
    net="compact",
    start="scratch",
    epochs=10,
    num_train=1000,
    num_classes=10,
    batch_size=128,
    lr=1e-3,
    embedding=64,
)
