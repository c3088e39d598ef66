"""Titles, skills and sentences out of the O*NET, ESCO and résumé entity files."""

import csv
import glob
import html
import os
import re
from functools import lru_cache

import people

SKILL_NAMES = {
    "Structured query language SQL": "SQL",
    "Extensible markup language XML": "XML",
    "Hypertext markup language HTML": "HTML",
    "Cascading style sheets CSS": "CSS",
    "Microsoft Active Server Pages ASP": "ASP",
    "The MathWorks MATLAB": "MATLAB",
    "Oracle Java": "Java",
    "Microsoft Visual Basic for Applications VBA": "VBA",
    "Amazon Web Services AWS software": "AWS",
    "Microsoft Azure software": "Azure",
    "Dassault Systemes SolidWorks": "SolidWorks",
    "Autodesk AutoCAD": "AutoCAD",
    "Atlassian JIRA": "Jira",
    "Apache Hadoop": "Hadoop",
    "Adobe Photoshop": "Photoshop",
    "Microsoft Excel": "Excel",
    "ESRI ArcGIS software": "ArcGIS",
    "IBM SPSS Statistics": "SPSS",
}
COMMON_SKILLS = {
    "15": "Python|Go|Java|JavaScript|TypeScript|C++|C#|Rust|Kotlin|Ruby on Rails|React|Angular|Vue.js|Node.js|Django|Spring Boot|.NET Core|Docker|Kubernetes|Terraform|AWS|GCP|Azure|PostgreSQL|MySQL|MongoDB|Redis|Kafka|GraphQL|REST APIs|CI/CD|Git|Linux|Jenkins|Selenium|Tableau|Power BI|pandas|PyTorch|TensorFlow|Spark|Airflow|Agile|Scrum|Swift|PHP|R|SQL|HTML5|CSS3|Figma",
    "": "Customer service|Time management|Teamwork|Communication|Leadership|Problem solving|Microsoft Office|Excel|Word|PowerPoint|Cash handling|Inventory control|Scheduling|Conflict resolution|Attention to detail|First aid|Forklift operation|Food safety|POS systems|Data entry|Negotiation|Budgeting|Project management|Public speaking|Training|Team building|Report writing|Quality control|Driving licence (B)|Multitasking|Organisation|CRM|Sales|Marketing|Google Workspace|QuickBooks|SAP",
}
BAD_TITLE = re.compile(r"[()/:]|\bNot\b|\d|Jumper|^\w{1,3}$|Stripper|Worker Worker|Shovelman|Hand$")


class Sources:
    """The data folder, read once."""

    def __init__(self, folder):
        tax = os.path.join(folder, "taxonomy")
        rows = lambda name: list(csv.reader(open(os.path.join(tax, name), encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
        self.titles, self.tools, self.tasks = {}, {}, {}
        for code, title, short, _ in rows("onet-alternate-titles.tsv"):
            if not BAD_TITLE.search(title) and len(title.split()) <= 5 and len(title) < 42:
                self.titles.setdefault(code, []).append(title)
            if short != "n/a" and 2 <= len(short) <= 12 and not BAD_TITLE.search(short):
                self.titles.setdefault(code, []).append(short)
        for row in rows("onet-technology-skills.tsv"):
            name = SKILL_NAMES.get(row[1]) or re.sub(r" software$", "", row[1])
            if len(name) <= 30:
                self.tools.setdefault(row[0], []).extend([name] * (4 if row[4] == "Y" else 1))
        for row in rows("onet-task-statements.tsv"):
            if 20 < len(row[2]) < 190:
                self.tasks.setdefault(row[0], []).append(row[2])
        for code in self.titles:
            if code.startswith("55"):  # military occupations come without tasks
                self.tasks.setdefault(code, self.tasks["33-3051.00"])
        self.codes = sorted(c for c in self.titles if c in self.tasks and len(self.titles[c]) >= 4)
        self.groups = {}
        for code in self.codes:
            self.groups.setdefault(code[:2], []).append(code)
        with open(os.path.join(tax, "esco-skills.txt"), encoding="utf-8") as f:
            names = [line.split("\t")[0] for line in f]
        self.esco = [n for n in names if 3 < len(n) < 32 and "(" not in n and people.printable(n.replace("’", "'"))]
        self.sentences = sentences(os.path.join(folder, "resume-entities"))


def sentences(folder):
    """Cleaned bullet-like sentences out of the résumé entity files, free of dates and addresses."""
    out = set()
    for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        text = open(path, encoding="utf-8").read()
        text = text.replace("\\xe2\\x80\\xa2", "•").replace("\\n", "\n")
        text = html.unescape(re.sub(r"<[^>]+>", "", text))
        for part in re.split(r"\n\s*\n|[•●▪➢❖]|\n(?=[-*] )", text)[1:]:
            line = re.sub(r"\s+", " ", part).strip(" -*\t")
            if not 12 < len(line) < 260 or re.search(
                r"\b(19|20)\d\d\b|@|http|www|indeed|\\x|[|:]|\s{2}|Less than|References|Names|years?\)", line, re.I
            ):
                continue
            if not re.match(r"[A-Z][a-z]+(ed|ing|s|e|d|t|p|n)? [a-z]", line) or re.search(r"[A-Z]{6,}", line) or not people.printable(line):
                continue
            if len(line.split()) < 3 or re.match(r"(I|My|To|The|This|We|Date|Name|Place) ", line) or line.count(".") > 2:
                continue
            out.add(line)
    return sorted(out)


@lru_cache(None)
def load(folder):
    return Sources(folder)
