"""Muon: momentum whose matrices are made orthogonal before they are added. Source: Keller Jordan, "Muon: an optimizer for hidden layers", 2024."""
import torch


def orthogonal(matrices, steps=5):
    """The nearest orthogonal matrices of a stack, roughly, by Newton-Schulz iterations of fifth order."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    turned = x.shape[1] > x.shape[2]
    if turned:
        x = x.transpose(1, 2)
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(1, 2) if turned else x


class Muon(torch.optim.Optimizer):
    """For weights of dense layers. The step of a weight has the size of rate · √(its elements) / √(its smaller side)."""

    def __init__(self, parameters, momentum=0.95, weight_decay=0.0):
        super().__init__(parameters, {'lr': 0.0, 'momentum': momentum, 'weight_decay': weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group['params']:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for shape, some in shapes.items():
                moved = []
                for p in some:
                    kept = self.state[p].setdefault('kept', torch.zeros_like(p))
                    kept.mul_(group['momentum']).add_(p.grad, alpha=1 - group['momentum'])
                    moved.append(p.grad.lerp(kept, group['momentum']))
                scale = group['lr'] * 0.2 * max(shape) ** 0.5
                for p, change in zip(some, orthogonal(torch.stack(moved))):
                    p.mul_(1 - group['lr'] * group['weight_decay']).add_(change, alpha=-scale)
