"""Makes the data of the atlas that sweeper does not have: features of pretrained nets, icon packs.

``python -m tools.atlas.sources NAME ...`` writes each as an .npz file, see
`tools.atlas.sources.__main__`.
"""
