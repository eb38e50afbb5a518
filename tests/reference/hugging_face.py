"""Small GPT-2 and BERT of Hugging Face's transformers, with random weights, and what they give."""

import json
import pathlib
import shutil
import tempfile

import torch
import transformers
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).parent


def draw_weights(model):
    """Larger than at the start of a training, so that each of them shows in the outputs."""
    generator = torch.Generator().manual_seed(20)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for name, parameter in model.named_parameters():
            if "ln_" in name or "LayerNorm" in name:
                parameter.add_(1 if name.endswith("weight") else 0)
    return model.eval()


def write(model, name):
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        shutil.copy(f"{folder}/model.safetensors", HERE / f"{name}.safetensors")


def flat(tensor):
    return {"shape": list(tensor.shape), "values": tensor.flatten().tolist()}


def gpt2():
    config = transformers.GPT2Config(vocab_size=29, n_positions=12, n_embd=16, n_layer=2, n_head=4)
    model = draw_weights(transformers.GPT2LMHeadModel(config))
    ids = torch.randint(29, (2, 12), generator=torch.Generator().manual_seed(21))
    write(model, "gpt2")
    return {"ids": flat(ids), "logits": flat(model(ids).logits)}


def bert():
    config = transformers.BertConfig(vocab_size=31, hidden_size=16, num_hidden_layers=2,
                                     num_attention_heads=4, intermediate_size=40,
                                     max_position_embeddings=14)
    model = draw_weights(transformers.BertForMaskedLM(config))
    generator = torch.Generator().manual_seed(22)
    ids = torch.randint(31, (3, 10), generator=generator)
    segments = torch.randint(2, (3, 10), generator=generator)
    lengths = [10, 7, 4]
    attention_mask = torch.tensor([[i < length for i in range(10)] for length in lengths])
    hidden = model.bert(ids, attention_mask.long(), segments).last_hidden_state
    write(model, "bert")
    return {"ids": flat(ids), "segments": flat(segments), "lengths": lengths, "hidden": flat(hidden)}


with torch.no_grad():
    cases = {"gpt2": gpt2(), "bert": bert()}
(HERE / "hugging_face.json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
for name in cases:
    print(name, [(k, list(v.shape)) for k, v in load_file(HERE / f"{name}.safetensors").items()])
