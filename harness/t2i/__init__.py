"""Text to image: folders of images, detectors, generators, and `patina geneval`."""
