"""Terms beside a loss: what they gained where they were measured, and which λ follows from it."""
