"""Writes a trained model's weights, by the names of tests/support/architectures/mobilebert.js, for export.js; and held-out sets with logits."""
import argparse
import json
from pathlib import Path

import torch

from model import MobileBert, Sizes


def named_weights(model):
    """name → tensor in TensorFlow's layout: dense weights are [inputs, outputs]."""
    found = {}

    def dense(name, layer):
        found[f'{name}/weights'] = layer.weight.t()
        found[f'{name}/bias'] = layer.bias

    def no_norm(name, size, layer=None):
        found[f'{name}/FakeLayerNorm/gamma'] = torch.ones(size) if layer is None else layer.gamma
        found[f'{name}/FakeLayerNorm/beta'] = torch.zeros(size) if layer is None else layer.beta

    inner = model.sizes.bottleneck
    found['embeddings/word_embeddings'] = model.words.weight
    found['embeddings/token_type/weights'] = model.segments
    found['embeddings/position_embeddings'] = model.positions[None]
    dense('embeddings/transformation', model.transformation)
    no_norm('embeddings', model.sizes.hidden, model.norm)
    for i, block in enumerate(model.blocks):
        name = f'layer_{i}'
        for part, layer in (('input', block.bottleneck_input), ('attention', block.bottleneck_attention)):
            dense(f'{name}/bottleneck/{part}', layer)
            no_norm(f'{name}/bottleneck/{part}', inner)
        for part in ('query', 'key', 'value'):
            dense(f'{name}/attention/{part}', getattr(block, part))
        dense(f'{name}/attention/output', block.attended)
        no_norm(f'{name}/attention/output', inner)
        for at, (inside, outside) in enumerate(zip(block.inside, block.outside)):
            stacked = name if at == len(block.inside) - 1 else f'{name}/ffn_{at}'
            dense(f'{stacked}/intermediate', inside)
            dense(f'{stacked}/output', outside)
            no_norm(f'{stacked}/output', inner)
        dense(f'{name}/output/bottleneck', block.wide)
        no_norm(f'{name}/output/bottleneck', model.sizes.hidden, block.wide_norm)
    dense('cls/squad/logits', model.logits)
    return found


def load(path):
    saved = torch.load(path)
    model = MobileBert(Sizes(**saved['sizes']))
    model.load_state_dict(saved['weights'])
    return model.eval()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--model', required=True)
    options.add_argument('--out', required=True, help='folder: weights.json, weights.f32')
    options = options.parse_args()
    model, out = load(options.model), Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.detach().contiguous() for name, tensor in named_weights(model).items()}
    described = [{'name': name, 'shape': list(tensor.shape)} for name, tensor in weights.items()]
    (out / 'weights.json').write_text(json.dumps({'sizes': model.sizes._asdict(), 'weights': described}))
    (out / 'weights.f32').write_bytes(b''.join(tensor.numpy().astype('<f4').tobytes() for tensor in weights.values()))


if __name__ == '__main__':
    main()
