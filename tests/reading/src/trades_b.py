"""Second part of the trades."""
FINANCE = dict(
    titles="Accounts Assistant;Audit Trainee;Management Accountant;Financial Analyst;Senior Associate;Finance Manager;Financial Controller;Payroll Clerk;Credit Analyst;Treasury Manager;Bookkeeper;Tax Adviser",
    teams="Group Reporting;Transfer Pricing;Corporate Recovery;FP&A",
    employers="Grant Thornton;Mazars;Loomis Hay;Banco BPI;Ashdown Pike;Deloitte;Standard Chartered;Equity Bank;Zenith;Credit Agricole;Moss Adams;Caixa Geral de Depósitos;Bird & Okoro;HM Revenue & Customs;Länsförsäkringar;Fidelis;BDO;Saxo;Copperfield Mutual;ICICI;PKO BP;Arbutus;KPMG;Wells Fargo",
    points="""Closed the month in four working days instead of nine
Prepared consolidated accounts for {n} entities in five currencies
Audited manufacturers, charities and one very small airport
Built the cash-flow forecast the bank now asks for by name
Recovered ${n}0,000 in duplicate payments going back to {y}
Ran payroll for {k} people, weekly and monthly
Reviewed credit files and wrote recommendations for committee
Moved the ledger from Sage to NetSuite over one quarter end
Filed VAT returns in the UK, Ireland and Germany
Supervised {n} trainees and reviewed their working papers
Reconciled intercompany balances nobody had touched since {y}
Supported due diligence on the purchase of {co}
Wrote the board pack and cut it from 90 pages to 18
Kept books for cafés, hairdressers and a travelling circus
Negotiated a revolving facility with Barclays and two local lenders
Hedged dollar exposure with plain forwards
Trained budget holders in what an accrual is
Replied to notices from the tax office and won most of them
Priced swaps and checked the models against the desk's own
Cut debtor days from {p} to 31 by ringing people up
Assisted the Chief Financial Officer with investor questions
Tested access controls under SOX and followed up the gaps
Processed invoice run 0207-2946-18 and its many corrections""",
    skills="Excel;IFRS;US GAAP;NetSuite;SAP FI;Power BI;VAT;Payroll;Consolidation;Sage 50;Xero;Financial modelling;Internal controls;Cash forecasting",
    certs="ACCA|Association of Chartered Certified Accountants;CPA|AICPA;CFA Level II|CFA Institute;ACA|ICAEW;Certified Bookkeeper|AIPB;Diploma in International Treasury Management|ACT",
    degrees="BSc|Accounting and Finance;BCom|Accounting;MSc|Finance;Bachelor of Business Administration|;B.A.|Economics;Master of Accountancy|;Licence|Économie et Gestion;MBA|Finance",
    summary="Accountant who explains numbers to people who fear them;Chartered accountant with audit roots and nine years in industry;Careful bookkeeper for small firms and charities")
LAW = dict(
    titles="Paralegal;Trainee Solicitor;Solicitor;Associate;Senior Associate;Legal Secretary;Legal Counsel;Partner;Judicial Clerk;Compliance Officer;Public Defender;Barrister",
    teams="Employment;Commercial Property;Disputes;Asylum and Immigration",
    employers="Slaughter and May;Farrow Quinlan;Linklaters;Nagy és Társai;Citizens Advice;Crown Prosecution Service;Khaitan;Uría Menéndez;Templars;Old Square Chambers;Hengeler Mueller;Legal Aid Society;Bracewell Thorne;Okpara & Reid;Mori Hamada;Ofcom;U.S. Court of Appeals for the Ninth Circuit;Matheson;Gleiss Lutz;Bowmans;Shelter;Ministry of Justice",
    points="""Drafted leases, licences and the occasional furious letter
Ran a caseload of {n} employment claims from first call to hearing
Appeared before tribunals in Leeds, Hull and by video
Second-chaired three jury trials, two of them to verdict
Reviewed {k} documents for a cartel inquiry, mostly in German
Advised a housing association on evictions it then did not need
Negotiated data-processing terms with {co} and its eleven affiliates
Prepared bundles, indexes and witness statements against short deadlines
Wrote bench memoranda and first drafts of opinions
Registered trade marks in the EU, Turkey and Brazil
Supervised the pro bono clinic run with Queen Mary University students
Cleared a backlog of {n} probate files, the oldest opened in {y}
Answered the duty solicitor line on Saturday nights
Set up a contract register, so that renewals stopped being a surprise
Translated judgments from French for partners in a hurry
Represented tenants in {n} possession hearings
Completed completions: {p} a month at the height of the stamp-duty holiday
Trained managers on what not to put in an e-mail
Instructed counsel and managed fees across four jurisdictions
Helped an inquiry team trace a chain of title back to 1897
Seats in property, litigation and a secondment at Rolls-Royce
Kept the diary and the peace for two partners""",
    skills="Legal research;Drafting;Westlaw;Litigation;Contract negotiation;Conveyancing;GDPR;Due diligence;Case management;Advocacy;LexisNexis;Mediation;Document review",
    certs="Admitted as a Solicitor|Law Society of England and Wales;Member of the New York Bar|New York State Bar;Accredited Mediator|CEDR;CIPP/E|IAPP;Notary Public|State of Ohio",
    degrees="LLB|Law;LLM|International Commercial Law;Juris Doctor|;Legal Practice Course|;GDL|;B.A.|Political Science;BCL|Law and French;Graduate Diploma|Law",
    summary="Litigator who prefers to settle early;Property paralegal with six years of leasehold work;Lawyer qualified in two countries and comfortable in three languages")
SCIENCE = dict(
    titles="Research Assistant;Laboratory Technician;PhD Researcher;Postdoctoral Fellow;Research Scientist;Senior Scientist;Principal Investigator;Field Ecologist;Clinical Trials Coordinator;Data Scientist;Analytical Chemist;Biostatistician",
    teams="Protein Chemistry;Stable Isotopes;Vaccine Group;Remote Sensing",
    employers="Max-Planck-Institut für Biochemie|Martinsried, Germany;Fiocruz|Rio de Janeiro, Brazil;Wellcome Sanger|Hinxton, UK;AstraZeneca;CNRS;British Antarctic Survey|Cambridge, UK;Novo Nordisk;NIST;Rothamsted;University of Turku|Turku, Finland;Riken|Wako, Japan;GSK;Roslin Institute;Lumen Assay;Biocon;icddr,b|Dhaka, Bangladesh;ETH Zürich|Zürich, Switzerland;SINTEF;Covance;Kew;Argonne;Environment Agency;Pasteur Lille;Merck KGaA",
    points="""Purified membrane proteins that had refused to crystallise for {n} years
Counted moths at {n} light traps, three nights a week, in all seasons
Validated HPLC methods to ICH guidance and defended them at inspection
Wrote the mixed models behind a trial of {k} participants
Kept a mouse colony of {n}0 cages within licence
Published {n} papers, two as first author, with groups in Kyoto and Lund
Ran the mass spectrometer and taught visitors not to break it
Sampled lake sediments from rafts and, in {y}, through a metre of ice
Wrote the grant that paid for the new confocal microscope
Supervised two doctoral students and a steady run of summer interns
Screened {k} compounds against a kinase and followed up nine
Coordinated ethics approval at four hospitals in three countries
Turned a heap of MATLAB into a tested Python package
Prepared regulatory sections for the FDA together with {co}
Flew drones over peat bog and matched the pictures to cores
Trained technicians from the University of Nairobi in ELISA
Reduced assay variation by {p}% after finding a warm incubator shelf
Organised the weekly seminar, speakers, biscuits and all
Analysed wastewater for viral RNA through the winter of 2020-21
Reviewed for Ecology Letters and the Journal of Hydrology
Handled samples under GLP and archived every notebook
Designed a nested sampling plan for soil carbon on {n} farms""",
    skills="R;Python;HPLC;qPCR;Western blot;Mass spectrometry;GIS;Cell culture;SAS;Flow cytometry;Experimental design;LaTeX;Bayesian statistics;GLP;Field sampling",
    certs="Good Clinical Practice|NIHR;Personal Licence (A, B)|Home Office;Radiation Safety|IAEA;Chartered Chemist|Royal Society of Chemistry;Six Sigma Green Belt|ASQ",
    degrees="PhD|Molecular Biology;Ph.D.|Ecology;BSc (Hons)|Chemistry;M.Sc.|Biostatistics;Dr. rer. nat.|Physics;MRes|Marine Science;Bachelor of Science|Biology;Doctor of Philosophy|Environmental Engineering",
    summary="Ecologist who codes, or a coder who owns waders;Protein chemist with eight years at the bench in industry and academia;Statistician for trials large and small")
MANAGEMENT = dict(
    titles="Project Coordinator;Project Manager;Operations Manager;Office Manager;Programme Manager;Head of Operations;General Manager;Chief Operating Officer;HR Business Partner;Supply Chain Manager;Warehouse Supervisor;Transport Planner;Executive Assistant",
    teams="EMEA Logistics;Change Office;Talent;Fleet;Estates",
    employers="Maersk;Transport for London;Amber Gate;Ocado;Siemens;Oxfam;Save the Children;DHL;Greencore;City of Winnipeg;Larkfield;Petrobras;Danone;Skyline Nine;UPS;Médecins Sans Frontières;Emirates;Hapag-Lloyd;Nestlé;Jumia;Wavecrest;Bord na Móna;Tesla;Port of Rotterdam",
    points="""Ran a warehouse of {n} people on three shifts
Brought a late depot move back on plan and opened it in March {y}
Negotiated haulage contracts worth £{n}m a year
Took on-time delivery from {p}% to 98.4%
Chaired the works council talks through two restructurings
Opened offices in Lagos and Accra from an empty bank account
Managed the chairman's diary across seven time zones
Hired {n} people in a year and lost only two
Closed a plant decently, with jobs found for four in five
Cut agency spend by writing a rota that people liked
Led the integration of {co} after the takeover
Kept a field hospital supplied by lorry, boat and, once, donkey
Reported to the Chief Executive and sat in on the audit committee
Rolled out SAP in {n} countries, one of them twice
Set budgets of up to $4.5 million and stayed inside them
Planned routes for {n} drivers and knew their mothers' birthdays
Rewrote the safety induction in pictures; near misses reported doubled
Brought the fleet to Euro 6 two years before it was asked for
Took minutes that people actually read
Mediated between sales and operations every Thursday at nine
Won the contract from Hertfordshire County Council at the third attempt
Coached five supervisors, three of whom now run sites
Steered the move to four ten-hour days in {y}""",
    skills="Budgeting;Stakeholder management;SAP;Lean;MS Project;Recruitment;Contract negotiation;Fleet planning;Jira;Health and safety;Change management;Warehouse management;Scheduling;Excel",
    certs="PRINCE2 Practitioner|AXELOS;PMP|Project Management Institute;CIPD Level 5|CIPD;NEBOSH General Certificate|NEBOSH;Lean Six Sigma Black Belt|ASQ;CPC Transport Manager|CILT",
    degrees="MBA|;BA|Business Management;BSc|Logistics;Master of Public Administration|;BBA|Human Resource Management;Executive MBA|;Bachelor of Commerce|;HND|Business",
    summary="Operations lead who walks the floor before reading the dashboard;Project manager from aid work to ports;Organised, discreet, and hard to surprise")
HOSPITALITY = dict(
    titles="Commis Chef;Chef de Partie;Sous Chef;Head Chef;Waiter;Restaurant Manager;Night Porter;Front Desk Agent;Housekeeping Supervisor;Events Coordinator;Bartender;Pastry Chef",
    teams="Banqueting;Pastry;Rooms Division",
    employers="The Gannet;Noma;Hotel Sacher;Premier Inn;Casa Pilar;Sodexo;Le Chardon Bleu;Taj Lands End;Fogo de Chão;Mill & Marrow;Shangri-La;Compass;Wagamama;Aman Tokyo;P&O;Ballymaloe;Four Seasons;Trattoria Zia Rosa;Rosewater;Elior;Sandals",
    points="""Ran the fish section on a {n}-cover night with one commis
Wrote a menu around what the boats landed that morning
Kept food cost at {p}% through two years of rising butter
Looked after the front desk of a 140-room hotel alone overnight
Plated desserts for weddings of up to {n}0 guests
Took the kitchen from three stars to five at inspection
Trained waiting staff in wine, allergens and patience
Turned {n} rooms a shift and reported every dripping tap
Moved from {co} with the same head chef to open the second site
Dealt with overbookings, lost luggage and one escaped parrot
Baked bread daily: rye, focaccia and a sourdough begun in 1998
Planned conferences for the Royal College of Physicians
Managed tips and rotas openly, so quarrels stopped
Poured cocktails at a bar listed in the guide for {y}
Cut food waste in half by weighing it
Cooked for film crews on location, 5 a.m. starts
Hosted visiting students from Le Cordon Bleu
Ordered dry goods and held stock to four days""",
    skills="Butchery;Menu planning;HACCP;Opera PMS;Pastry;Wine service;Cost control;Barista skills;Event planning;Allergen management;Rota planning;Bread",
    certs="Level 3 Food Safety|CIEH;WSET Level 2 Award in Wines|WSET;ServSafe Food Handler|National Restaurant Association;RSA Certificate|Liquor & Gaming NSW",
    degrees="Diploma|Culinary Arts;BTS|Hôtellerie-Restauration;BA (Hons)|Hospitality Management;NVQ Level 2|Professional Cookery;Grand Diplôme|Cuisine;Certificate III|Commercial Cookery",
    summary="Cook of simple food, calm on the pass;Front-of-house manager with fifteen years of weekends behind her;Night person by nature")
DESIGN = dict(
    titles="Graphic Designer;Marketing Assistant;Copywriter;Product Designer;Content Editor;Marketing Manager;Art Director;Journalist;Community Manager;Communications Officer;Social Worker;Librarian;Architectural Assistant;Sub-editor",
    teams="Brand;Growth;Children's List;Newsroom",
    employers="Pentagram;Faber;Lemon Yard;Der Spiegel;Foster + Partners;Bloom Theory;BBC Wales;Tate;Toronto Public Library;Canongate;Studio Ōki;Kurier;Rappler;Wolff Olins;Grupo Planeta;Ink & Anvil;Vodafone;Surrey County Council;Greenpeace;Arup;Moomin Characters;Red Cross;Mondadori",
    points="""Drew the icon set used on every bus stop in the city
Edited a quarterly of 64 pages with a staff of one and a half
Raised newsletter opens from {p}% to nearly half
Wrote headlines against the clock for {n} years
Redesigned the museum map so that people stopped asking for the toilets
Shot, cut and captioned short films for local charities
Kept a caseload of {n} families and never missed a visit
Catalogued {k} maps left to the library in {y}
Pitched to, and won, {co} as a client
Ran paid search on a small budget and reported plainly what failed
Commissioned illustrators from Lagos, Lyon and Lima
Modelled the stair in Rhino, then in card, then in oak
Interviewed ministers, beekeepers and a retired stuntman
Planned the campaign for the spring {y} list
Moderated a forum of {k} members with three volunteers
Set type for poetry, cookery and a railway timetable
Wrote court reports and gave evidence when called
Presented work in progress to students at Central Saint Martins
Built the design system in Figma and kept it honest in code
Answered the press line, 24 hours, one week in four
Led storytime on Saturdays for up to {n} small critics""",
    skills="InDesign;Figma;Copy editing;Photography;Illustrator;SEO;Google Analytics;Typography;Interviewing;Rhino;Case recording;After Effects;Mailchimp;Proofreading",
    certs="Google Ads Search Certification|Google;Registered Social Worker|Social Work England;Digital Marketing Professional|CIM;NCTJ Diploma|NCTJ;Inbound Marketing|HubSpot Academy",
    degrees="BA (Hons)|Graphic Design;MA|Journalism;BFA|Illustration;Master of Social Work|;BArch|Architecture;MLIS|;B.A.|Communication Studies;Foundation Diploma|Art and Design",
    summary="Designer of quiet things that work;Editor with an ear for a sentence and an eye for a widow;Social worker and, before that, sub-editor")
