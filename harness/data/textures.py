"""textures: patches of three photographs of surfaces that scikit-image bundles.

Brick, grass and gravel are grey pictures of 512 x 512 pixels: no object, no sky, one surface all
over. They are cut as ``harness.data.photos`` cuts its photographs: reduced by two with box means,
two held-out stripes of full height and 32 columns with a guard band of 4 pixels on each side,
regions of 32 x 32 pixels. In pixels of the reduced pictures, columns from the first to before the
last:

    texture  height  width  train  test   train   test     train
    brick    256     256    0-48   52-84  88-176  180-212  216-256
    grass    256     256    0-48   52-84  88-176  180-212  216-256
    gravel   256     256    0-48   52-84  88-176  180-212  216-256

Beside photographs they are data of another law: what a patch of a few pixels shows, edges and
grain, may agree; what a whole image shows does not. With three channels the three are equal, so
that colour tells every patch of a texture from one of a colour photograph.

The files are lossless, but all three come from JPEG files that were made grey, cut and, for brick
and gravel, reduced before they were bundled. They are read as installed, never fetched, and each
must have its pinned sha256.
"""

from harness.data.images import Images
from harness.data.photos import Photograph, patches_of

TEXTURES = (
    Photograph(
        name="brick",
        package="skimage",
        path="data/brick.png",
        sha256="7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        licence="CC0",
        credit="CC0Textures (Bricks25)",
    ),
    Photograph(
        name="grass",
        package="skimage",
        path="data/grass.png",
        sha256="b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        licence="CC0",
        credit="linolafett (DeviantArt)",
    ),
    Photograph(
        name="gravel",
        package="skimage",
        path="data/gravel.png",
        sha256="c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        licence="CC0",
        credit="CC0Textures (Gravel04)",
    ),
)


def textures(*, side: int = 8, channels: int = 1, labelled: bool = False) -> Images:
    """Non-overlapping patches ``[channels, side, side]``, ordered by texture and rectangle.

    side: 8, 16 or 32 pixels; channels: 1 (grey), or 3 equal ones; labelled: whether the texture is
    the class of a patch. Raises Problem for another side or number of channels, and for a file that
    is missing or another one.
    """
    return patches_of("textures", "texture", TEXTURES, side, channels, labelled)
