"""Writes text_tower.safetensors: a tiny CLIP text model of transformers with
learnable prompt embeddings fed in place of token embeddings.

Float32 weights, float64 arithmetic. The model reads, for three labels,
[start, 3 learnable, label, 3 learnable, end]; the golden holds the projected
embeddings and the gradient of a fixed weighting of them with respect to the
learnable tokens.

Made with Python 3.11, torch 2.13.0, transformers 5.23.0, safetensors 0.8:
    python make_text_tower.py
"""
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

N, START, END = 3, 28, 29
LABELS = [[4], [7, 8, 9], [11, 3]]

torch.manual_seed(1)
out = {}
for activation in ("quick_gelu", "gelu"):
    config = CLIPTextConfig(
        vocab_size=30, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=14, projection_dim=6,
        hidden_act=activation, eos_token_id=END, bos_token_id=START, pad_token_id=0)
    model = CLIPTextModelWithProjection(config).eval()
    if out:
        model.load_state_dict(state)
    else:
        for p in model.parameters():  # so that different inputs differ
            torch.nn.init.normal_(p, std=0.3)
        state = {k: v.clone() for k, v in model.state_dict().items() if "position_ids" not in k}
        out |= {"tower." + k: v for k, v in state.items()}
        context = torch.randn(2 * N, 16) * 0.3
        weighting = torch.randn(3, 6)
        out |= {"context": context, "weighting": weighting}
    model.double()
    learnable = context.double().requires_grad_(True)
    table = model.text_model.embeddings.token_embedding
    rows = []
    for label in LABELS:
        token = lambda ids: table(torch.tensor(ids))
        prompt = torch.cat([token([START]), learnable[:N], token(label), learnable[N:], token([END])])
        # Fed through a hook: the ids only say where the end is.
        ids = torch.tensor([[START] + [1] * (len(prompt) - 2) + [END]])
        handle = table.register_forward_hook(lambda module, args, result: prompt[None])
        rows.append(model(input_ids=ids).text_embeds[0])
        handle.remove()
    embeddings = torch.stack(rows)
    (embeddings * weighting.double()).sum().backward()
    out[activation + ".embeddings"] = embeddings.detach()
    out[activation + ".gradient"] = learnable.grad.clone()
save_file({k: v.float().contiguous() for k, v in out.items()}, "text_tower.safetensors")
print({k: tuple(v.shape) for k, v in out.items()}, out["gelu.embeddings"][0])
