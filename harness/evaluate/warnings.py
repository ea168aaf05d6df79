"""Warnings about two image sets: what makes their distance speak of something else than the images.

None of these stops an evaluation, since each can be meant. Each is one sentence in plain words.
JPEG alone moves FID by tens, and resizing by 10 to 25 % (Parmar, Zhang and Zhu, CVPR 2022); a
Fréchet distance is biased by about c / n.
"""

from collections import Counter

from harness.evaluate.image_set import ImageSet

SHARE = 0.01  # of the images; shares of lossy ones that differ by more are warned of
LISTED = 3  # sizes that a warning lists


def compare_kinds(a: ImageSet, b: ImageSet, size: int | None = None) -> list[str]:
    """What a reader should know before two sets are compared at ``size``; empty where nothing."""
    found = (_codecs(a, b), _sizes(a, b), _squashed(a, b, size), _colours(a, b), _counts(a, b))
    return [warning for warning in (*found, _same(a, b)) if warning]


def _codecs(a: ImageSet, b: ImageSet) -> str:
    if not (a.kinds["lossy"] or b.kinds["lossy"]):
        return ""
    shares = [each.kinds["lossy"] / each.count for each in (a, b)]
    if abs(shares[0] - shares[1]) <= SHARE:
        return ""
    said = " and ".join(f"{_codec(each)} in {each.title}" for each in (a, b))
    return (
        f"{said}: JPEG alone moves a Fréchet distance by tens, so this one compares codecs "
        "as well; save both sets in the same way"
    )


def _codec(images: ImageSet) -> str:
    lossy, unknown = images.kinds["lossy"], images.kinds["unknown"]
    of = f"of {images.count} images"
    if unknown and not lossy:
        return f"an unknown codec for {unknown} {of}"
    return f"lossy files for {lossy} {of}"


def _sizes(a: ImageSet, b: ImageSet) -> str:
    if set(a.sizes) == set(b.sizes) and len(a.sizes) == 1:
        return ""
    said = " and ".join(f"{_listed(each)} in {each.title}" for each in (a, b))
    return f"the native sizes differ ({said}): resizing leaves traces that a distance sees"


def _listed(images: ImageSet) -> str:
    shown = [f"{width} x {height}" for height, width in list(images.sizes)[:LISTED]]
    more = len(images.sizes) - LISTED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _squashed(a: ImageSet, b: ImageSet, size: int | None) -> str:
    said = [f"{each.squashed(size)} of {each.count} images of {each.title}" for each in (a, b)
            if each.squashed(size)]  # fmt: skip
    if not said:
        return ""
    return f"{' and '.join(said)} are not square and are squashed to {size} x {size}"


def _colours(a: ImageSet, b: ImageSet) -> str:
    shares = [each.colours["grey"] / each.count for each in (a, b)]
    if abs(shares[0] - shares[1]) <= SHARE:
        return ""
    said = " and ".join(
        f"{each.colours['grey']} of {each.count} in {each.title}" for each in (a, b)
    )
    return f"the sets differ in how many images are grey ({said})"


def _counts(a: ImageSet, b: ImageSet) -> str:
    if a.count == b.count:
        return ""
    return (
        f"{a.count} images in {a.title} and {b.count} in {b.title}: the bias of a Fréchet distance "
        "falls with the number of images, so compare it only with numbers from as many"
    )


def _same(a: ImageSet, b: ImageSet) -> str:
    if a.digest == b.digest:
        return (
            f"{a.title} and {b.title} hold the same images in the same order: nothing is compared"
        )
    both = (Counter(a.digests) & Counter(b.digests)).total()
    if both == a.count == b.count:
        return f"{a.title} and {b.title} hold the same images in another order: nothing is compared"
    if both:
        return f"{both} images are in both {a.title} and {b.title}, byte for byte"
    return ""
