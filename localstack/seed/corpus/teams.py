"""Made-up names of teams, departments and sites of an employer."""

from career_lists import TEAMS

SUBJECTS = (
    "Accounts|Acute Medicine|Admissions|Advertising|After-sales|Alumni Relations|Anaesthetics|Analytics|Applications|Archives|Asset Management|"
    "Assembly|Asylum|Bakery|Banking|Benefits|Body Shop|Brand|Building Control|Business Development|Business Intelligence|Call Centre|Cargo|Catering|"
    "Change|Chassis|Children’s Services|Claims|Cleaning|Client Relations|Clinical Trials|Cloud|Cold Chain|Collections|Communications|Community|"
    "Compliance|Conferences|Construction|Consumer Lending|Content|Contracts|Corporate Affairs|Corporate Finance|Costing|Credit|Crew|Curriculum|"
    "Customer Care|Customer Experience|Customs|Cyber Security|Dairy|Data|Deli|Delivery|Design|Despatch|Development|Dialysis|Digital|Dispatch|"
    "Distribution|District Nursing|Documentation|Drawing Office|Early Years|E-commerce|Economics|Editorial|Electronics|Elderly Care|Embedded Systems|"
    "Endoscopy|Energy|Engineering|Enforcement|Environment|Equities|Estates|Estimating|Events|Exports|Fabrication|Facilities|Fashion|Finance|Fixed Income|"
    "Fleet|Foreign Exchange|Forensics|Foundry|Fraud|Freight|Fundraising|Garage|Garden|Genetics|Geology|Goods In|Governance|Graduate School|Grants|"
    "Ground Staff|Haematology|Health & Safety|Higher Education|Highways|Homes|Housekeeping|Housing|Human Resources|Humanities|Imaging|Imports|"
    "Industrial Relations|Information Systems|Infrastructure|Innovation|Inspection|Installations|Insurance|Integration|International|Inventory|"
    "Investigations|Investments|Invoicing|IT|Joinery|Kitchen|Laboratory|Labour Ward|Leasing|Legal|Lettings|Library|Licensing|Life Sciences|Loans|"
    "Logistics|Machine Shop|Maintenance|Major Projects|Marine|Marketing|Maternity|Mathematics|Meat|Media|Member Services|Merchandising|Metrology|"
    "Mergers & Acquisitions|Microbiology|Mortgages|Music|Neonatal|Networks|Neurology|New Media|News|Night Shift|Nursery|Nutrition|Oncology|Online|"
    "Operations|Orthopaedics|Outpatients|Packaging|Paint|Parks|Parts|Pathology|Patient Services|Payroll|Pensions|People|Performance|Personnel|"
    "Petrochemicals|Pharmacy|Physiotherapy|Pilot Plant|Planning|Policy|Portfolio|Ports|Power|Press|Pricing|Print|Private Clients|Procurement|Product|"
    "Production|Programmes|Project|Property|Prosecutions|Public Affairs|Purchasing|Quality|Radiology|Rail|Receivables|Reception|Records|Recruitment|"
    "Refinery|Registry|Regulatory Affairs|Rehabilitation|Reinsurance|Renewables|Rentals|Repairs|Research|Reservations|Residential|Restructuring|Retail|"
    "Returns|Risk|Robotics|Roofing|Rooms Division|Safety|Sales|Scheduling|Science|Secretariat|Securities|Security|Services|Shipping|Signalling|"
    "Simulation|Sixth Form|Social Media|Software|Special Education|Special Projects|Sports|Stores|Strategy|Street Works|Structures|Studio|"
    "Supply|Support|Surgery|Surveying|Sustainability|Talent|Taxation|Technical|Technology|Telecoms|Tendering|Terminal|Testing|Theatre|Ticketing|Tooling|"
    "Tours|Trade|Trading|Traffic|Training|Transformation|Translation|Transport|Travel|Treasury|Trust|Underwriting|Utilities|Valuations|Vehicles|"
    "Veterinary|Warehouse|Warranty|Waste|Water|Wealth|Web|Welfare|Wholesale|Wine|Workshop|Yard|Youth"
).split("|")
KINDS = (
    "Team|Department|Dept.|Division|Unit|Group|Office|Services|Operations|Branch|Desk|Section|Programme|Practice|Centre|Directorate|Function|Hub|Squad|"
    "Projects|Systems|Management|Support|Administration|Line|Floor|Bureau|Department of {}|Division of {}|Office of {}|School of {}|Faculty of {}|"
    "Head Office, {}|{} North|{} South|{} (EMEA)|{} UK|{} & Planning|{} 2|Global {}|Group {}|Regional {}|Central {}|Corporate {}|Internal {}"
).split("|")


def team(rng):
    """A team: from the list, a subject alone, or a subject with what kind of unit it is."""
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(TEAMS.split("|"))
    subject = rng.choice(SUBJECTS)
    if kind < 0.6:
        return subject
    form = rng.choice(KINDS)
    return form.format(subject) if "{}" in form else f"{subject} {form}"
