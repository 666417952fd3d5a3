"""Makes the atlas's data that no data set of sweeper is: features of pretrained nets, icon packs.

``python -m tools.atlas NAME ...`` writes each as an .npz, see `tools.atlas.__main__`.
"""
