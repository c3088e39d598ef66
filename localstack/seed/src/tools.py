"""What the makers of documents share: the two office tools, and the steps that make their output repeatable.

LibreOffice and Chromium stamp the time of making, and a random identifier, into what they write. Both are replaced by
fixed values of the same length, so that a second run with the same versions of the tools gives the same bytes and a
change in a document shows up as a change in its source.
"""

import pathlib
import re
import subprocess
import tempfile
import zipfile

STAMP = "20261102090000"
STAMP_ISO = "2026-11-02T09:00:00Z"


def run(*command, timeout_s=180):
    """Runs a tool and fails loudly with what it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def print_with_chromium(html, target):
    """Prints an HTML text to a PDF file, as a person does with "Save as PDF"."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "page.html")
        page.write_text(html, encoding="utf-8")
        run(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={target}", page.as_uri(),
        )
    fix_pdf(target)


def convert_with_writer(fodt, target, filter_name=None):
    """Saves a flat OpenDocument text from LibreOffice Writer in the format that the target's extension names."""
    target = pathlib.Path(target)
    ext = target.suffix[1:]
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, target.stem + ".fodt")
        source.write_text(fodt, encoding="utf-8")
        run(
            "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile",
            "--convert-to", f"{ext}:{filter_name}" if filter_name else ext, "--outdir", folder, source,
        )
        target.write_bytes(pathlib.Path(folder, target.name).read_bytes())
    if ext == "pdf":
        fix_pdf(target)
    elif ext in ("docx", "odt"):
        fix_zip(target)
    elif ext == "rtf":
        fix_rtf(target)


def fix_pdf(path):
    """Replaces dates and identifiers in place; every replacement keeps its length, so the offsets stay right."""
    path = pathlib.Path(path)
    data = path.read_bytes()
    data = re.sub(rb"\(D:\d{14}", lambda m: b"(D:" + STAMP.encode(), data)
    data = re.sub(rb"/DocChecksum /[0-9A-F]{32}", b"/DocChecksum /" + b"0" * 32, data)
    data = re.sub(rb"(/ID\s*\[\s*)<[0-9A-Fa-f]{32}>(\s*)<[0-9A-Fa-f]{32}>",
                  lambda m: m[1] + b"<" + b"0" * 32 + b">" + m[2] + b"<" + b"0" * 32 + b">", data)
    path.write_bytes(data)


def fix_zip(path):
    """Packs an office file again with fixed times, in the same order and with the same way of storing."""
    path = pathlib.Path(path)
    with zipfile.ZipFile(path) as old:
        entries = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for info, data in entries:
            if info.filename in ("docProps/core.xml", "meta.xml"):
                data = re.sub(rb">\d{4}-\d\d-\d\dT[0-9:.]+Z?<", b">" + STAMP_ISO.encode() + b"<", data)
                data = re.sub(rb"PT\d*H?\d*M?\d+S", b"PT0S", data)
            if info.filename in ("content.xml", "settings.xml"):
                data = re.sub(rb' xml:id="list\d+"', b"", data)
                data = re.sub(rb'(config:name="Rsid(?:Root)?" config:type="int">)\d+', rb"\g<1>0", data)
            if info.filename.startswith("Thumbnails/"):
                continue
            if info.filename == "META-INF/manifest.xml":
                data = re.sub(rb"\s*<manifest:file-entry[^>]*Thumbnails[^>]*/>", b"", data)
            fixed = zipfile.ZipInfo(info.filename, date_time=(2026, 11, 2, 9, 0, 0))
            fixed.compress_type = info.compress_type
            fixed.external_attr = 0o644 << 16
            new.writestr(fixed, data)


def fix_rtf(path):
    """Replaces the dates in the information group."""
    path = pathlib.Path(path)
    data = path.read_bytes()
    data = re.sub(rb"\\yr\d+\\mo\d+\\dy\d+\\hr\d+\\min\d+", rb"\\yr2026\\mo11\\dy2\\hr9\\min0", data)
    data = re.sub(rb"\\(rsid|insrsid)\d+", b"", data)
    path.write_bytes(data)


def page_count(pdf):
    """How many pages a PDF has, by Poppler."""
    return int(re.search(r"^Pages:\s+(\d+)", run("pdfinfo", pdf), re.M)[1])
