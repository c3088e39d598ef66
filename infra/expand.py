"""Prints a template as JSON with its loops written out, so that a test can look at every resource.

Run with cfn-lint's Python. What only a deployment can resolve stays as it is written: Ref, Fn::GetAtt, Fn::If.
"""

import json
import sys

import cfnlint.decode
from cfnlint.template import Template
from cfnlint.template.transforms._language_extensions import language_extension

path = sys.argv[1]
text, problems = cfnlint.decode.decode(path)
if problems:
    sys.exit(f"{path}: {problems[0].message}")
problems, expanded = language_extension(Template(path, text, ["us-east-1"]))
if problems:
    sys.exit(f"{path}: {problems[0].message}")
json.dump(expanded, sys.stdout, default=str)
