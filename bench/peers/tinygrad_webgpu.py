"""tinygrad with WebGPU as its device, through the library of the package dawn-python; import this before tinygrad."""

import os
import platform
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = {"linux": "so", "darwin": "dylib", "win32": "dll"}


def library():
    """The file of Dawn for this machine. @raises ImportError where it is not installed"""
    spec = find_spec("pydawn")
    if spec is None:
        raise ImportError("dawn-python is not installed")
    machine = {"AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    named = "libwebgpu_dawn" if sys.platform == "win32" else f"libwebgpu_dawn_{machine}"
    path = Path(spec.submodule_search_locations[0], "lib", f"{named}.{LIBRARIES.get(sys.platform, 'so')}")
    if not path.is_file():
        raise ImportError(f"dawn-python has no {path.name}")
    return str(path)


os.environ["WEBGPU_PATH"] = library()
os.environ["DEV"] = "WEBGPU"


def adapter():
    """What the driver calls the adapter that tinygrad takes."""
    from tinygrad import Device
    from tinygrad.runtime.autogen import webgpu
    from tinygrad.runtime.ops_webgpu import from_wgpu_str

    info = webgpu.WGPUAdapterInfo()
    webgpu.wgpuDeviceGetAdapterInfo(Device["WEBGPU"].device_res, info)
    return from_wgpu_str(info.description)


def about():
    """What computes."""
    return {"about": f"tinygrad {version('tinygrad')}, dawn-python {version('dawn-python')}", "adapter": adapter()}
