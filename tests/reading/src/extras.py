"""Text of the other sections, and points that fit any trade."""
GENERAL = """Promoted twice in {n} months, the second time in {y}
Stood in for the manager at {co} while on loan there in {y}
Elected staff representative by a margin of three votes
Saved about {p}% on printing by asking who read it
Joined as the fourth employee and left when there were {k}
Started as a temp in {y} and was asked to stay
Kept in touch with former clients of {co} after the merger
Won the regional award for service two years running (2011 and 2012)
Finished an evening course at Birkbeck while working full time
Wrote the handbook that newcomers get on their first morning
Reported to the Director of Operations and, later, straight to the owner
Sole contact for enquiries on 0845 and WhatsApp
Looked after budgets, keys and the good biscuits
Spent 2014 to 2016 on secondment to the Ministry of Education
Part of a night team of {n}; no sick days in three winters
Trained replacements from Manila by video before handing over
Cleared a backlog of {k} items within a quarter
Asked to speak at the 2018 staff conference in Utrecht
Awarded a bonus in each full year
Handed everything over in good order, with notes""".split("\n")
PROJECTS = """Tidewatch|a tide table for kayakers that works offline|2021
Allotment Ledger|spreadsheet and small web page shared by 40 plot holders|2019
Bridge Street Mural|designed and painted with 60 neighbours|2017
Open Rota|free tool for making fair shift plans|2020
Family Recipes of Kollam|self-printed cookery book|2018
Low-cost spirometer|prototype built with two classmates|2022
School-run study|counted cars at nine gates for the council|2016
Chess clock in Rust|runs on a $4 board|2023""".split("\n")
PUBLICATIONS = """“Slow leaks in old pipes”, Journal of Urban Water 12 (2018), 201-219
“What ward clerks know”, Nursing Matters, March 2020
With J. Halloran: “Moth counts after hedge loss”, Ecol. Notes 7(2), 2016
“On reading lease plans”, Property Lawyer, 2021, pp. 14-17
“Fractions with string”, Classroom Practice 33, 2019
“Membrane proteins at room temperature”, Prot. Lett. 88: 1023-1031, 2017
“Rotas without tears”, Work & Time, 2022""".split("\n")
AWARDS = """Dean's List, 2014 and 2015
Employee of the Year 2017
Gold medal, national skills competition, 2012
Scholarship of the Rotary Club, 2009-2011
Best poster, Lund, 2018
Runner-up, Young Manager of the Year (2016)""".split("\n")
VOLUNTEERING = """Trustee, Bramley Food Bank, 2016 to present
Coach, under-12 football, Rovers Juniors (2014 - 2019)
Night steward, winter shelter, St Anne's, 2013-2015
Reader at Saturday school for newcomers, since 2018
Treasurer, Friends of Elm Park, 2020–2022
Crew, Sea Cadets, 2011 to 2014""".split("\n")
INTERESTS = """Fell running, choral singing and mending clocks
Bread, bicycles and old maps
Five-a-side football, chess, Carnatic music
Wild swimming; reading in Portuguese; beekeeping
Crosswords, canoeing, cooking for too many people""".split("\n")
BLURBS = """A family firm of about 90 people
Public body with 4,000 staff
Regional branch of a listed group
Start-up bought in 2021 by a larger rival
Charity working in eleven countries
Founded in 1926; turnover of 30 million
Independent, with three sites""".split("\n")
PLACE_OF_REF = """Operations Director;Ward Manager;Head Teacher;Senior Lecturer;Former line manager;Partner;Works Manager;Reverend""".split(";")
NATIONALITY = {"DE": "German", "FR": "French", "PL": "Polish", "CZ": "Czech", "ES": "Spanish", "SE": "Swedish", "IT": "Italian", "PT": "Portuguese", "IN": "Indian", "NG": "Nigerian",
               "UK": "British", "US": "American", "IE": "Irish", "TR": "Turkish", "RO": "Romanian", "JP": "Japanese", "BR": "Brazilian", "NL": "Dutch", "KE": "Kenyan", "PH": "Filipino"}
SUMMARY_MORE = """Looking for a post with room to learn and people to learn from
Previously with {co} and, before that, at sea
More than {n} years in small teams, some of them spent abroad
Equally at home with a spreadsheet and a mop
Comfortable with change; known at {co} for staying calm
Now seeking part-time work within reach of the coast
Willing to travel, and to start at short notice
Holder of a clean driving licence since {y}""".split("\n")
