"""torchvision's TenCrop of a small image, in its order: python ten_crop.py > ten_crop.json"""
import json
import sys

import numpy as np
from PIL import Image
from torchvision import transforms

h, w = 9, 11
image = np.fromfunction(lambda y, x, c: (y * 23 + x * 7 + c * 61) % 256, (h, w, 3)).astype(np.uint8)
crops = transforms.TenCrop((5, 6))(Image.fromarray(image))
json.dump([np.asarray(crop).flatten().tolist() for crop in crops], sys.stdout)
print()
