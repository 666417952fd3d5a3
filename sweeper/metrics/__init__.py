"""What is measured of trained nets: accuracy, retrieval, and how compact the classes are.

Leading dimensions are members measured side by side. A member with a value that is not finite
measures nan, whatever the measure.
"""

from sweeper.metrics.accuracy import accuracy, class_recall
from sweeper.metrics.compactness import compactness, intra_class_spread
from sweeper.metrics.retrieval import map_at_r

__all__ = ["accuracy", "class_recall", "compactness", "intra_class_spread", "map_at_r"]
