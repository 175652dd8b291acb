#!/usr/bin/env python3
"""Saves a small PyTorch classifier as TorchScript. Usage: torch_model.py FOLDER"""

import os
import sys

import torch
from torch import nn


def block(channels_in, channels_out, stride):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False), nn.BatchNorm2d(channels_out), nn.ReLU()
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.manual_seed(1)
    model = nn.Sequential(
        block(3, 16, 2), block(16, 32, 2), block(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)
    ).eval()
    traced = torch.jit.trace(model, torch.zeros(1, 3, 96, 96))
    traced.save(os.path.join(sys.argv[1], "torch.pt"))


if __name__ == "__main__":
    main()
