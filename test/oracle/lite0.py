"""EfficientNet-Lite0 in torch, written from its description; module names as in the embedded weights."""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

# repeats, kernel, stride of the first, expansion, channels in and out
BLOCKS = [
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
]


class SameConv(nn.Conv2d):
    """TensorFlow's SAME: the odd pixel of padding goes below and to the right."""

    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1]):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3)


def conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)


class Block(nn.Module):
    def __init__(self, kernel, stride, expansion, inputs, outputs):
        super().__init__()
        width = inputs * expansion
        self.expands = expansion != 1
        self.adds = stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv = conv(inputs, width)
            self._bn0 = norm(width)
        self._depthwise_conv = conv(width, width, kernel, stride, groups=width)
        self._bn1 = norm(width)
        self._project_conv = conv(width, outputs)
        self._bn2 = norm(outputs)

    def forward(self, x):
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite0(nn.Module):
    def __init__(self):
        super().__init__()
        self._conv_stem = conv(3, 32, 3, 2)
        self._bn0 = norm(32)
        self._blocks = nn.ModuleList(
            Block(kernel, stride if repeat == 0 else 1, expansion, inputs if repeat == 0 else outputs, outputs)
            for repeats, kernel, stride, expansion, inputs, outputs in BLOCKS
            for repeat in range(repeats)
        )
        self._conv_head = conv(320, 1280)
        self._bn1 = norm(1280)
        self._flatten = nn.Flatten()
        self._fc = nn.Linear(1280, 1000)

    def forward(self, x):
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        x = F.relu6(self._bn1(self._conv_head(x)))
        return self._fc(self._flatten(F.adaptive_avg_pool2d(x, 1)))


def lite0(path):
    """float32 [n, 3, h, w] of (x - 127) / 128 → logits [n, 1000], with the weights of this file."""
    network = Lite0()
    missing, unexpected = network.load_state_dict(load_file(path), strict=False)
    counters = [name for name in missing if name.endswith("num_batches_tracked")]
    assert missing == counters and not unexpected, (missing, unexpected)
    return network.eval()
