"""Short made-up news articles with gold quotes, from a grammar written for this project.

PolNeAR has the source in the paragraph of its quote in 98 of 100 direct quotes, and next to no dialogue, interviews,
galleries, continued quotations or signs, so a tagger fitted on it alone learns that the nearest name speaks. These
articles hold the constructions it lacks, among plain ones. They teach where a speaker stands, not what people say: a
quote is folded into one token before the tagger sees it, so contents are assembled from a few hundred clauses.

A template is text with marks, and the labels come out of it while it is written, so offsets are right by construction:

``[s1 …]`` ``[c1 …]`` ``[k1 …]``
    source, cue and content of attribution 1 of the template.
``[q1 np.]``
    a quote of attribution 1: a kind of words (see `_Writer.words_for`; none is a sentence) and what ends it. ``+``
    leaves it open, as where the next paragraph goes on; ``@b`` names a person in it.
``[q<a .]`` ``[q>a .]``
    a quote whose source is the nearest mention before (after) it of the person a.
``[u title]``
    a quote that is nobody's speech.
``$a`` ``$b:he`` ``$place``
    a person of the cast, in some form; a word from the table of that name.
``$topic`` ``$filler``
    a part of a template, from `PARTS`.
``{x|y|}`` ``¶``
    alternatives; a new paragraph.

>>> first = next(articles(1))
>>> all(first["text"][quote["start"] + 1:].startswith(quote["text"]) for quote in first["quotes"])
True
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from research.documents import Span

# How often each way to report speech is drawn, relative to the others: the first three, in which the nearest subject
# speaks, make a third, so that the articles stay natural.
WEIGHTS = {
    "quote, then cue": 16,
    "cue, then quote": 11,
    "fragment": 18,
    "passive": 4,
    "according to": 5,
    "as X put it": 5,
    "claim of X": 4,
    "told, heard, quoted": 8,
    "speech within speech": 4,
    "embedded subject": 5,
    "two speakers": 6,
    "no cue verb": 4,
    "labels": 2,
    "transcript": 1,
    "alternating dialogue": 3,
    "floating": 5,
    "continued": 2.5,
    "added": 4,
    "gallery": 2,
    "things that speak": 6,
    "I and vocatives": 3,
    "split": 3,
    "nobody's speech": 20,
}
# These take no other sentence into their paragraphs.
ALONE = frozenset({"labels", "transcript", "alternating dialogue", "floating", "continued", "gallery"})


def _words(text: str) -> tuple[str, ...]:
    """The words of a table that is printed as running text."""
    return tuple(text.split())


MEN = _words("""
Adam Ahmed Aidan Akira Alan Alberto Aleksandr Alexis Ali Amir Anders Andre Andrew Andriy Anil Antonio Arjun Arne
Arthur Ashok Babak Baptiste Barry Ben Bilal Bill Bogdan Boris Brendan Brian Bruno Carl Carlos Cedric Chen Chidi Chris
Ciaran Claude Clive Colin Connor Craig Cyrus Daisuke Dan Daniel Danilo Darius David Davit Declan Denis Derek Diego
Dmytro Dominic Donald Douglas Duncan Eamon Ed Eduardo Edward Efe Elias Emeka Emil Emmanuel Enrique Eric Ernesto
Esteban Ethan Evan Fadi Faisal Farid Felipe Felix Fergus Fernando Finn Francis Frank Fred Gareth Gary Geoff George
Gerald Gerhard Giles Giorgio Giovanni Glenn Goran Gordon Graham Greg Grigor Guillermo Gustav Hamid Hans Harish Harold
Harry Hassan Hector Henrik Henry Hideo Hiroshi Howard Hugo Hussein Hyun Ian Ibrahim Igor Ilya Imran Ismail Ivan Jack
Jacques Jakub Jalal James Jamal Jan Jared Javier Jean Jeremy Jin Joaquin Joe Johan John Jon Jonas Jorge Jose Joseph
Josh Juan Jules Junaid Kareem Karl Keith Kemal Ken Kevin Khalid Kofi Kwame Kyle Lars Lech Lee Leo Leonid Leroy Levan
Liam Lorenzo Louis Luc Luca Luis Lukas Magnus Mahmoud Malik Manuel Marc Marco Marek Mario Mark Martin Mateo Matthias
Maurice Max Mehmet Michael Miguel Mike Mikhail Milan Mirza Mohammed Morten Moses Mustafa Nabil Naveen Neil Nelson
Niall Nick Nikolai Nils Noah Nuno Obinna Oleg Oliver Olu Omar Oscar Owen Pablo Patrick Paul Pavel Pedro Per Peter Petr
Philip Pierre Piotr Prakash Radek Rafael Raj Ralph Ramon Rashid Raul Ravi Ray Raymond Reza Ricardo Richard Rob Robert
Roberto Rodrigo Roger Rohan Roland Roman Ron Rory Roy Rui Rupert Ryan Sadiq Salim Salvador Sam Samir Samuel Sanjay
Sasha Scott Sean Sergei Seth Shane Sheldon Simon Stan Stefan Stephen Steve Sunil Sven Taras Tariq Ted Terry Theo
Thomas Tim Tobias Tom Tomasz Tony Trevor Umar Uri Vadim Valentin Vasyl Victor Vijay Vincent Vito Wade Walter Warren
Wayne Wei Will Xavier Yannis Yasin Yiannis Yuki Yuri Yusuf Zoltan
""")
WOMEN = _words("""
Abigail Ada Adaeze Adriana Agnes Agnieszka Aicha Aiko Aisha Alba Alejandra Alice Alicia Alison Alma Amal Amanda Amara
Amelia Amina Amy Ana Anastasia Andrea Angela Anita Anja Ann Anna Annika Antonia Anya Asha Astrid Ayesha Ayumi Barbara
Beata Beatriz Becky Belinda Bernadette Beth Bettina Bianca Birgit Bonnie Brenda Bridget Brigitte Camila Carla Carmen
Carol Caroline Catarina Cath Cecilia Chantal Charlotte Chiara Chloe Christine Ciara Claire Clara Clarissa Colette
Consuelo Dagmar Daisy Daniela Daphne Darya Debbie Deborah Denise Diana Dina Dolores Donna Dora Doris Dorothy Edith
Eileen Elaine Elena Eleni Elif Elisa Elizabeth Ella Ellen Elsa Emily Emma Erin Esther Eva Evelyn Ewa Fatima Fatou
Fiona Flora Florence Frances Francesca Freya Gabriela Gail Gemma Gloria Grace Greta Gwen Hana Hanna Harriet Hatice
Hazel Heather Helen Helena Helga Hilda Hiromi Holly Hope Ifeoma Ilse Imani Ines Inga Ingrid Irena Irene Iris Irina
Isabel Ivana Ivy Jackie Jana Jane Janet Jasmine Jean Jelena Jenny Jessica Jill Jo Joan Joanna Josefina Joy Joyce
Judith Julia Julie June Justyna Kamala Karen Karin Kate Katarina Kathleen Katya Kavita Keiko Kelly Kerry Khadija
Kirsten Lakshmi Lara Latifa Laura Leah Leila Lena Leonor Lesley Leticia Lidia Lily Linda Lisa Liv Lorna Louise Lucia
Lucy Ludmila Luisa Lydia Magda Maia Manuela Mara Marcela Margaret Maria Mariam Marie Marina Marion Marisol Marta
Martha Mary Matilda Maureen Maya Megan Mei Melissa Mercy Michelle Mila Mina Miriam Moira Monica Mona Muriel Nadia
Nancy Naomi Natalia Natasha Neha Nia Nicole Nina Nisha Noor Nora Noriko Nuala Nuria Oksana Olena Olga Olivia Oona
Paloma Pamela Parisa Patricia Paula Pauline Penny Petra Philippa Pilar Polina Priya Rachel Radhika Rania Rebecca
Renata Rita Roberta Rosa Rose Rosalind Ruth Sabine Sakura Sally Salma Samira Sandra Sara Shabana Sharon Sheila Shirin
Sian Silvia Sinead Siobhan Sofia Solveig Sonia Sophie Stella Stephanie Sue Sunita Susan Svetlana Sylvie Tamar Tamara
Tania Tanya Tatiana Teresa Tessa Thandi Tina Tove Tracy Uma Ursula Valentina Valerie Vanessa Vera Veronica Vicky
Violet Virginia Wanda Wendy Winnie Xin Yara Yasmin Yolanda Yulia Yvonne Zainab Zara Zeynep Zoe Zofia
""")
LAST = _words("""
Abara Abbott Abdi Abe Achterberg Adeyemi Agarwal Aguilar Ahern Ahlgren Akhtar Albrecht Alcott Almeida Alvarez Amadi
Andersson Antonov Appiah Aquino Arai Arnold Ashby Aslan Atkins Ayala Babic Bailey Baker Bakshi Banerjee Baptiste
Barlow Baron Barros Basara Bauer Beckett Bell Benitez Berg Bernard Bhatt Bianchi Bishop Blake Blanc Boateng Bolton
Bondar Borg Bose Bowman Boyle Bradley Brandt Brennan Briggs Brody Brooks Bruno Buckley Burke Butler Byrne Cabral
Calder Campbell Cardenas Carlin Carmody Carr Carvalho Cassidy Castellanos Castro Chamberlain Chan Chandra Chapman
Chaudhry Chavez Chen Cho Choi Chowdhury Christie Cisse Clarke Cole Coleman Connolly Contreras Cooper Costa Coulibaly
Craig Crawford Cronin Crowe Cruz Cullen Dahl Dalton Daly Danso Das Davies Deluca Demir Desai Diallo Diaz Dimitrov
Dixon Dogan Dolan Doyle Drake Dubois Duffy Dunn Duran Eastman Edwards Egan Ekholm Elliott Engel Eriksen Escobar
Espinoza Estrada Evans Eze Fagan Falk Faraday Farrell Fedorov Ferreira Fischer Fleming Flores Flynn Fofana Forde
Fortin Foster Fournier Fraser Friedman Fry Fuentes Fujita Gallagher Garcia Gardner Garza Gauthier Geller Georgiou
Ghosh Gibbs Gill Giordano Goldberg Gomez Goodwin Gordon Grant Green Greco Grigoryan Gruber Guerrero Gunn Gupta Guzman
Haas Haddad Hakim Hale Hall Hamdan Hanley Hansen Haq Hardy Harper Hart Hartley Hasegawa Hassan Hayes Heikkinen Heller
Hernandez Herrera Hicks Hidalgo Higgins Hoang Hoffman Holm Holt Horvat Hossain Howell Huang Huber Hughes Hunt Hussain
Ibarra Idris Ikeda Imhof Ito Ivanova Iyer Jackson Jacobs Jafari Jansen Jarvis Jensen Johansson Jovanovic Juarez Kaba
Kamara Kaplan Kapoor Karimi Katz Kaur Kaya Keane Keller Kelly Kennedy Kerr Khan Kim Kimura King Kirk Klein Kobayashi
Koch Koroma Kovac Kovalenko Kowalski Kravets Krishnan Kruger Kumar Kuznetsov Lacey Laine Lam Lambert Lane Larsen
Lawson Leblanc Lee Lehmann Lemaire Leon Levy Li Lindberg Liu Lloyd Lombardi Long Lopes Lowe Lozano Lucas Lund Lynch
MacDonald Madden Mahoney Maier Malik Mancini Marchetti Marin Marsh Martins Mason Matos Mbeki McAllister McBride
McCarthy McGrath McKenna McLean Medina Mehta Mejia Melnyk Mendes Mensah Mercer Meyer Middleton Mills Milne Mirza
Mitchell Mohan Molina Monk Morales Moreau Morgan Mori Morris Moss Mukherjee Mulligan Munro Murphy Murray Mwangi Naidoo
Nakamura Nash Navarro Ndiaye Nelson Neumann Nguyen Nielsen Nikolaidis Nkosi Noble Nolan Novak Nowak Nunez Nwosu
O'Brien O'Connell O'Dowd O'Neill O'Shea Obi Ochoa Odell Okafor Okoye Oliveira Olsen Onyango Ortega Osei Osman Ota
Ozturk Pacheco Padilla Palmer Papadakis Park Parsons Patel Pearce Penn Perera Perez Petersen Petrenko Petrov Phelan
Pierce Pillai Pinto Popescu Porter Powell Prasad Pratt Price Quigley Quinn Quiroga Rahman Ramirez Rana Rao Rasmussen
Reddy Reid Reilly Reyes Rhodes Ricci Richter Rivera Roberts Robson Rocha Rojas Romano Rosen Ross Rossi Roy Ruiz
Russell Ryan Saito Salazar Saleh Sandoval Santos Sarkar Sato Savage Sawyer Schmidt Schneider Schroeder Scully Sethi
Shah Shapiro Sharma Shaw Sheehan Shevchenko Shin Silva Simmons Singh Slater Sloan Smirnov Smith Soares Solberg Soto
Sousa Spencer Stein Stewart Stone Strand Suarez Sullivan Suzuki Svensson Sweeney Szabo Tahir Takahashi Tamm Tan Tanaka
Tapia Taylor Tembo Tkachenko Torres Toure Tran Traore Trujillo Tsai Tucker Turner Underwood Uzun Vaidya Valdez Varga
Vasquez Vega Velasco Verma Vidal Villa Vogel Volkov Wade Wagner Walker Wallace Walsh Wang Warsame Watanabe Weber
Webster Weiss Wells West White Whitfield Wilder Wilson Winter Wong Wood Wright Wu Yamada Yang Yates Yildiz Yilmaz
Young Youssef Yusuf Zaman Zapata Zhang Zhou Ziegler Zielinski Zimmerman Zubair
""")

# Before a name; after it, with an article; a courtesy that replaces Mr and Ms ("" for none).
OFFICES = (
    ("Mayor", "the mayor of $place", ""),
    ("Police Chief", "the police chief of $place", ""),
    ("opposition leader", "who leads the opposition in $place", ""),
    ("Sheriff", "the county sheriff", ""),
    ("Senator", "a senator from $place", "Sen"),
    ("Governor", "the governor", "Gov"),
    ("General", "a retired general", "Gen"),
    ("Professor", "a professor of economics at the University of $place", "Prof"),
    ("Representative", "a member of the budget committee", "Rep"),
    ("Judge", "a judge in $place", ""),
    ("Colonel", "a commander in the east", "Col"),
    ("Captain", "the captain of the ferry", "Capt"),
    ("Health Minister", "the health minister", ""),
    ("Prime Minister", "the prime minister", ""),
    ("Foreign Secretary", "the foreign secretary", ""),
    ("Councillor", "a councillor for $place", ""),
    ("teacher", "a retired teacher from $place", ""),
    ("farmer", "who farms near $place", ""),
    ("nurse", "a nurse at $place hospital", ""),
    ("surgeon", "a surgeon from $place", "Dr"),
    ("epidemiologist", "an epidemiologist at the University of $place", "Dr"),
    ("lawyer", "a lawyer for the family", ""),
    ("prosecutor", "the lead prosecutor", ""),
    ("coach", "the coach of $place United", ""),
    ("striker", "who scored twice", ""),
    ("chief executive", "the chief executive of $company", ""),
    ("press officer", "who speaks for $org", ""),
    ("aid worker", "an aid worker with $org", ""),
    ("union leader", "the leader of the dockers' union", ""),
    ("baker", "who owns a bakery in $place", ""),
    ("bus driver", "a bus driver", ""),
    ("director", "the director of the museum", ""),
    ("novelist", "the author of six novels", ""),
    ("drummer", "the band's drummer", ""),
    ("biologist", "a marine biologist", "Dr"),
    ("student", "a student in $place", ""),
    ("campaigner", "a campaigner with $org", ""),
    ("historian", "a historian", "Dr"),
    ("pastor", "the pastor of a church in $place", "Rev"),
    ("shopkeeper", "who runs a shop on $street", ""),
    ("neighbour", "a neighbour", ""),
    ("engineer", "an engineer at $company", ""),
    ("analyst", "an analyst at $company", ""),
    ("photographer", "a photographer", ""),
    ("retired judge", "a parent of three", ""),
    ("volunteer", "a volunteer from $place", ""),
    ("pensioner", "who has lived on $street since 1974", ""),
    ("finance minister", "the finance minister", ""),
    ("deputy mayor", "the deputy mayor", ""),
    ("ambassador", "the ambassador to $country", ""),
    ("committee chair", "the committee's chair", ""),
)

# Share of articles in percent; marks, those of a quotation in a quotation last; British commas; apostrophe.
HOUSES = (
    (44, "“”‘’", False, "’"),
    (16, "“”‘’", True, "’"),
    (20, "\"\"''", False, "'"),
    (5, "\"\"''", True, "'"),
    (8, "‘’“”", True, "’"),
    (2, "‘’“”", False, "’"),
    (3, "«»“”", True, "’"),
    (2, "„“‚‘", True, "’"),
)
SENTENCE_COUNTS = (1, 1, 1, 1, 1, 2, 2, 3)
BARE = frozenset({"title", "slogan", "nick", "term", "notice"})

# Parts of templates: sentences without quotes, headlines, what speech is about, what parts a speaker from a cue.
PARTS: dict[str, tuple[str, ...]] = {
    "headline": (
        "$place votes on the $thing as debate drags on¶",
        "What we know about the $thing¶",
        "$Thing fight splits $place¶",
        "$place, $month $number¶",
        "$b:last faces questions over $thing¶",
        "Letters to the editor¶",
        "$company to shut plant in $place¶",
        "By $stranger¶",
        "$b:last and $c:last at odds over the $thing¶",
        "How $place lost its $thing¶",
    ),
    "topic": (
        "the $thing",
        "the $thing",
        "the $thing",
        "the plan for the $thing",
        "the $thing in $place",
        "$d:poss {proposal|speech|plan|decision}",
        "it",
        "what happened in $place",
        "the decision",
        "$company",
        "the decision to close the $thing",
        "the work of $org",
        "the strike",
        "the vote on the $thing",
        "the idea that the $thing might close",
        "the {new|old|first|latest} $thing",
        "this",
    ),
    "aside": ("",) * 9
    + (
        ", speaking in $place,",
        ", smiling,",
        ", who knows $d,",
        ", after a pause,",
        ", on a visit to $place,",
        ", standing next to $d,",
        ", whose term ends in $month,",
    ),
    "filler": (
        "The $thing opened in $month after $number years of work.",
        "{Work on|The sale of|The search for} the $thing began in {$month|$place}.",
        "$b {visited|left|reached|returned to|grew up in|flew to} $place on $day.",
        "$b met $c in $place in $month.",
        "$b, who lives on $street, {did not attend the hearing|was not there|voted by post}.",
        "$number $crowd {gathered|slept|stood} outside the $thing on $day.",
        "The $thing cost about $number million, {more|less} than planned.",
        "$stranger, $b:poss predecessor, resigned in $month.",
        "$org has spent $number million on the $thing.",
        "The $crowd waited in the rain while $b spoke.",
        "In $month, $org {sued|fined|backed|bought|dropped} $company.",
        "$b and $c {did not shake hands|left together|sat in the front row|have been rivals since $month}.",
        "Nobody was hurt.",
        "The vote is expected in $month.",
        "Prices in $place have {risen|fallen} by $number per cent since $month.",
        "$b has known $c since they were at school in $place.",
        "A {second|final} hearing is set for $day.",
        "$stranger and $stranger, both of $place, were released on bail.",
        "$c:poss lawyer, $stranger, arrived shortly before noon.",
        "The road to $place was closed for $number hours.",
        "It was the $number-page report that started the row.",
        "$company, which runs the $thing, employs $number people in $place.",
        "Last year $b lost the vote to $c by $number votes.",
        "The trial of $stranger, a former driver, continues in $place.",
        "On $day $b flew to $country to meet $stranger.",
        "$number kilometres away, in $place, the $thing was already full.",
        "The $thing has divided $place for $number years.",
        "{The rain|The snow|The music} had stopped{| by then| when $b arrived}.",
        "$b {opened|closed|folded|put down} the {door|letter|newspaper|window}.",
        "$b:he {picked up|looked at|threw away|signed} the {letter|phone|map|contract}.",
        "$b and $b:his {wife|husband|daughter|son|sister} moved to $place in $month.",
        "{A judge|A court|The board|Parliament} {rejected|approved|delayed} the plan on $day.",
        "{There were|There are} $number {houses|shops|boats|cars} on $street{| before the flood}.",
        "The {train|bus|ferry} from $place was {late|full|empty}.",
        "$b {beat|thanked|sued|replaced|married} $c in $month.",
        "{Two|Three|Several} of the $crowd came from $place.",
        "$company {shares|sales|profits} {rose|fell} $number per cent on $day.",
        "{No date has been set|A report is due in $month|Talks resume on $day}.",
        "The {winner|loser} will face $b in $place{| in $month}.",
        "$b, $stranger and $c {have all resigned|share a flat|were on the list}.",
        "Behind $b:him, the $crowd {cheered|went quiet|sang|began to leave}.",
        "$place is a town of $number people{|, most of them farmers|, an hour from the border}.",
        "[s9 $b] [c9 said] [k9 the $thing would stay open until $month].",
        "[s9 $b] [c9 denied] [k9 any knowledge of the $thing].",
        "[s9 $org] [c9 said] on $day that [k9 $number jobs would go].",
        "[c9 According to] [s9 $org], [k9 $number $crowd use the $thing every day].",
        "[s9 $group] [c9 believe] [k9 the $thing is unsafe].",
        "[s9 $b] [c9 promised] [k9 to reopen the $thing] after talks with $c.",
        "[s9 $someone] [c9 declined to comment].",
        "[s9 $b] [c9 told] $to that [k9 the $thing would cost $number million].",
        "[s9 $b] [c9 {thinks|doubts|hopes|fears}] [k9 that $c {knew about the $thing|will win|has left $place}].",
        "[k9 The $thing is unsafe], [c9 according to] [s9 {$org|$doc|$b}].",
        "[k9 $c has lost the vote], [s9 $b] [c9 {says|said|argued}].",
        "[s9 {$doc|$org}] [c9 {shows|showed|found|reported}] that [k9 $number $crowd left $place in $month].",
        "[s9 $b] [c9 asked] $c {to|not to} [k9 close the $thing].",
        "[s9 $group] [c9 accused] $b of [k9 breaking the law].",
    ),
}


def _phrases(text: str) -> tuple[str, ...]:
    """The phrases of a table, which semicolons part.

    ``said*3`` stands three times in it, ``-`` is no word at all, and ``_`` a blank.

    >>> _phrases("said*2; -; _on $day")
    ('said', 'said', '', ' on $day')
    """
    found: list[str] = []
    for phrase in " ".join(text.split()).split("; "):
        words, _, times = phrase.partition("*")
        found += ["" if words == "-" else words.replace("_", " ")] * int(times or 1)
    return tuple(found)


WORDS: dict[str, tuple[str, ...]] = {
    # Cues
    "say": _phrases("""
        said*47; says*8; later said; has said; also said; then added; later told reporters; added*3; wrote*3; warned*3;
        insisted*3; asked*2; replied*3; explained; argued; recalled; declared; conceded; admitted; noted; remarked;
        answered; quipped; joked; complained; claimed; observed; announced; stressed; countered; repeated; maintained;
        suggested; protested; predicted; vowed; boasted; muttered; whispered; shouted; cried; sighed; tweeted; posted;
        asserted; confessed; grumbled; snapped; retorted; acknowledged; agreed; mused; objected; pleaded; fumed;
        lamented; offered; volunteered; testified; reasoned; thundered; teased; pointed out; shot back
    """),
    "saythat": _phrases("""
        said*14; says*3; warned; insisted; explained; argued; recalled; declared; conceded; admitted; noted; complained;
        claimed; observed; announced; stressed; repeated; maintained; suggested; predicted; vowed; boasted; wrote;
        tweeted; asserted; acknowledged; agreed; testified; believes; thinks
    """),
    "sayto": _phrases("told*14; assured; reminded; warned; informed; promised; texted; had told; has told"),
    "add": _phrases("added*3; continued; went on; concluded; said; also said; explained"),
    "ask": _phrases("asked*3; wondered; demanded; inquired; wanted to know"),
    "call": _phrases("called*3; branded; dubbed; labelled; pronounced; has called; had called"),
    "describe": _phrases("""
        described*2; has described; denounced; dismissed; hailed; praised; derided; condemned; characterised; portrayed
    """),
    "described": _phrases("""
        was described; were described; was dismissed; was denounced; was hailed; had been described; is described; has
        been described; was condemned; was praised
    """),
    "called": _phrases("was called; has been called; had been called; was branded; was dubbed; was labelled"),
    "shout": _phrases("shouted; yelled; called out; chanted; cried; bellowed; screamed; sang"),
    "shouting": _phrases("shouting; saying; telling aides; yelling; singing; asking; joking; promising"),
    "saying": _phrases("saying; adding; insisting; arguing; warning; complaining; noting; declaring"),
    "write": _phrases("wrote*2; tweeted; posted; typed; replied"),
    "read": _phrases("read; said; reads; says; declared; announced; proclaimed; warned"),
    "claim": _phrases("""
        claim; insistence; warning; suggestion; assertion; promise; argument; view; complaint; boast; prediction;
        admission
    """),
    "remark": _phrases("""
        answer; reply; comment; verdict; advice; message; response; motto; question; remark; explanation
    """),
    "accordingto": _phrases("according to; in the words of; as quoted by"),
    "when": _phrases("""
        -*22; _on $day*2; _in an interview; _in a statement; _at a news conference; _by phone; _after the vote; _with a
        shrug; _during the debate; _in $place; _at the time; _last year; , shaking $own head; , pointing at the $thing;
        _on Twitter; _in an email; _after the match; , looking at the $thing; _as the $crowd left; _of the $thing;
        _about the $thing; _in $month
    """),
    "own": _phrases("a; one"),
    "to": _phrases("""
        reporters*2; the $crowd; me; us; journalists; the committee; $outlet; lawmakers; the court; a packed hall;
        supporters; the BBC; the inquiry; the judge; a friend; colleagues; shareholders
    """),
    # Other sources
    "group": _phrases("""
        residents; protesters; police; officials; several teachers; many parents; fans; two former aides; investigators;
        farmers; critics; supporters of the plan; people close to the family; prosecutors; scientists; relatives; some
        voters; fishermen in $place; doctors; the family; workers at the plant
    """),
    "someone": _phrases("""
        a spokesman for $org; a spokeswoman for $org; one resident; a senior official; a neighbour; one passenger; a man
        in the crowd; an aide; a witness; one of the nurses; a police spokesman; her lawyer; his brother; a woman in a
        red coat; a former colleague; one teenager; the company's lawyer; a voice from the back; the person familiar
        with the talks; a shopper; an official who asked not to be named
    """),
    "org": _phrases("""
        the health ministry; the council; the transport authority; the Rivers Trust; the defence ministry; the school
        board; the teachers' union; Harbour Watch; the fire service; the central bank; the Federation of Growers; the
        airline; Clean Coast; the electoral commission; the $place Chamber of Commerce; the interior ministry; the club;
        the water company; the Refugee Forum; $company
    """),
    "company": _phrases("""
        Northwind; Calder Steel; Orbis Foods; Brightwater; Tamar Energy; Halden Rail; Vantor; Medisys; Kestrel Air;
        Pinecrest Mining; Lumen; Oakfield Homes
    """),
    "doc": _phrases("""
        the memo; the report; a leaked email; the statement; the letter; an internal memo; the indictment; the lawsuit;
        the document; a text message; the police report; the email; the petition; a press release; the contract; the
        editorial; the ruling; the study; the post; the invitation; the label; a briefing paper; the minutes
    """),
    "sign": _phrases("""
        a sign; one sign; a banner; the banner; a placard; a poster on the door; the headline; a notice; graffiti on the
        wall; a T-shirt; a bumper sticker; the plaque; a handwritten note; the screen; a hand-painted board; another
        sign; the front page; a billboard; the chalkboard; a sticker on the window
    """),
    "outlet": _phrases("""
        Radio $place; the Evening Post; the $place Gazette; Channel 9; the Morning Star; the Herald; Reuters; the news
        agency; the Sunday Chronicle; a local newspaper; state television; the Daily Record; the magazine; the $place
        Times; Nord TV; a person in the room; court records; an aide; the transcript; two witnesses; a police report; a
        statement from $org
    """),
    # The world
    "place": _phrases("""
        Ashford; Belmont; Calderdale; Dunmore; Eastport; Fairhaven; Glenside; Harrow; Ipswich; Jericho; Kingsbridge;
        Lakewood; Marston; Newbury; Oakham; Preston; Queenstown; Rockford; Salem; Tilbury; Utrecht; Varna; Westfield;
        York; Zagreb; Odessa; Lviv; Tampere; Bergen; Malmo; Porto; Seville; Turin; Lyon; Ghent; Aachen; Graz; Brno;
        Gdansk; Riga; Tartu; Vilnius; Tbilisi; Yerevan; Izmir; Haifa; Amman; Basra; Cairo; Tunis; Dakar; Accra; Lagos;
        Nairobi; Kampala; Lusaka; Durban; Mumbai; Pune; Chennai; Lahore; Dhaka; Colombo; Hanoi; Manila; Osaka; Busan;
        Perth; Dunedin; Quito; Lima; Cordoba; Bogota; Veracruz; Laredo; Tucson; Boise; Omaha; Duluth; Toledo; Albany;
        Halifax; Derby; Galway
    """),
    "country": _phrases("""
        Chile; Norway; Kenya; Georgia; Vietnam; Peru; Jordan; Ireland; Poland; Canada; Ghana; Japan
    """),
    "street": _phrases("""
        Mill Road; Station Street; Harbour Lane; Park Avenue; Church Street; the High Street; King Street
    """),
    "day": _phrases("""
        Monday; Tuesday; Wednesday; Thursday; Friday; Saturday; Sunday; Monday evening; Friday morning
    """),
    "month": _phrases("""
        January; February; March; April; May; June; July; August; September; October; November; December
    """),
    "number": _phrases("""
        two; three; four; six; 12; 17; 24; 40; 65; 110; 250; 400; 1,200; 3,500; 18,000; half a million
    """),
    "thing": _phrases("""
        bridge; plan; budget; bill; harbour; hospital; school; treaty; tunnel; ferry; stadium; dam; strike; vote;
        library; museum; verdict; inquiry; border; airport; factory; reservoir; market; ceasefire; merger; recall;
        flood; railway; orchard; campaign; trial; exhibition; wall; tax; contract
    """),
    "crowd": _phrases("""
        crowd; protesters; families; workers; fans; children; delegates; passengers; visitors; pupils
    """),
    # What is quoted
    "adj": _phrases("""
        reckless; deeply troubling; historic; unacceptable; a bit late; shameful; remarkable; very difficult; completely
        unfair; absurd; heartbreaking; not serious; cautiously optimistic; dangerous; dead on arrival; extremely
        unlikely; inhumane; long overdue; outrageous; overblown; premature; quite frankly insulting; too little, too
        late; brilliant; wrong; worth every penny; devastated; proud; a little nervous; crazy
    """),
    "np": _phrases("""
        a $badness $matter*2; a $matter of $abstract; an act of $abstract; the $badness thing in years; the biggest
        $matter since the $thing; a $matter for every family in $place; pure $abstract; $abstract and $abstract; a
        $badness, $badness $matter; no way to run a $thing; nothing but $abstract; the end of the $thing; a slap in the
        face; a witch hunt; the right thing; a gift to the next generation
    """),
    "badness": _phrases("""
        complete; total; dreadful; shameful; wonderful; dangerous; cynical; costly; historic; small; necessary;
        terrible; hollow; last; sad; serious; magnificent; political; moral; bitter
    """),
    "matter": _phrases("""
        disaster; mistake; betrayal; victory; farce; gamble; insult; miracle; step; failure; burden; sham; triumph;
        joke; nightmare; chance; scandal; success; lie; experiment; distraction
    """),
    "abstract": _phrases("""
        cowardice; hope; common sense; greed; courage; panic; decency; fear; solidarity; vandalism; luck; trust;
        desperation; love; survival; neglect; arrogance
    """),
    "vp": _phrases("""
        $act*2; $act and $act; never $act; $act before the end of the year; have to $act; do everything to $act; $act if
        nobody else will; fight to $act
    """),
    "act": _phrases("""
        stand up to them; walk away; put people first; burn the whole thing down; rebuild from the ground up; save the
        $thing; pay the price; take the $thing seriously; go back to the drawing board; look the other way; finish the
        job; clean up the mess; hold on to what we have; start again; listen to the people of $place; tear up the
        contract; get out of the way; keep every promise; shut the $thing for good; leave no one behind; work day and
        night
    """),
    "cl": _phrases("""
        $we cannot $act; there is no plan to $act; the $thing belongs to everyone; nobody is above the law; it would be
        $adj; the $thing was $adj; everything changed after the $thing; people are tired of $abstract; $we will $act;
        the $thing will $act; time is running out; they had no choice but to $act; it is $np; this was $np
    """),
    "we": _phrases("we*2; they; people; I; you; my family; the government; our children"),
    "sentence": _phrases("""
        she told me, <$short>, and $cl; they call it <$term>, I call it $np; my father used to say <$cl>, and he was
        right; $we $can $act*2; $we $can $act, but $cl; there is $np; it's $adj; it was $adj, and $cl; this is $np; this
        is not $np, it's $np; if $we don't $act, $cl; I never thought I would see a $thing like this; nobody told us
        about the $thing; my mother always said that $cl; I've lived in $place for $number years and $cl; the $thing is
        $adj; the $thing was always going to be $adj; we lost everything in the $thing; I don't know what to say; you
        can't $act without $abstract; what we saw in $place was $np; I'm $adj; the truth is that $cl; when I heard about
        the $thing, I cried; they came at night and took the $thing; I'd rather $act than $act; let's be clear: $cl; we
        have $number days to $act; every time I see the $thing, I think of home; the $thing closed in $month and it
        never came back; he didn't even look at the $thing; $cl, and $cl; there were $number people in the room and not
        one of them could $act; she taught me to $act; I have a lot of respect for $place, but $cl; that's how it is
        with a $thing; our position hasn't changed; in the end $cl, because $cl; I want my children to $act; people keep
        asking about the $thing, and I tell them $cl
    """),
    "can": _phrases("can; have to; will; must; cannot; should; won't; need to; are going to; could; didn't"),
    "question": _phrases("""
        how can anyone $act; what is the $thing for; who is going to $act; where were they when $cl; why did nobody
        $act; when will the $thing open; is it $adj; do you think the $thing is $adj; what would you do; are we safe;
        how much did the $thing cost; did you ever doubt it; can we still $act; what happens now; who knew
    """),
    "short": _phrases("""
        yes; no; never; not at all; of course; I don't think so; nothing; thank you; I did; we'll see; not yet; it
        depends; go home; enough; they lied; that's enough; it's over; we won; look at this; I was there; ask them; not
        really; maybe; absolutely not; we are still here; wait; every day; good question
    """),
    "order": _phrases("""
        sit down; come here; look at me; don't be silly; thank you; tell them; be quiet; you're late; wait a minute; put
        that down; I'm sorry; let it go; good morning; watch the $thing
    """),
    "slogan": _phrases("""
        Save Our $Thing; No More $Abstract; Hands Off Our $Thing; $place Says No; Closed Until Further Notice; Keep the
        $Thing Open; We Are All $place; Shame on You; Jobs Now; Not In Our Name; Build the $Thing; Never Again; Welcome
        to $place; Pay Up; $Thing for Sale; Four More Years; Lock Them Out
    """),
    "notice": _phrases("""
        no entry; the $thing is closed; staff only; do not touch; all sales final; the $thing must not leave $place;
        payment is due in $month; the applicant has no right to the $thing; any damage to the $thing will be charged;
        the $thing poses no risk; there was no evidence of $abstract; please $act
    """),
    # Nobody's speech
    "title": _phrases("""
        The $Thing; The Last $Thing; $Abstract; $Abstract and $Abstract; A $Thing in $place; Goodbye, $place; The $place
        Affair; Night at the $Thing; Songs of $Abstract; Who Stole the $Thing?; The Long $Thing; Letters from $place;
        Blue $Thing; Dancing in $place; Good Morning $place; Waiting for the $Thing
    """),
    "nick": _phrases("""
        Bobby; Red; Duke; Chip; Tiny; Doc; Ace; Big Mike; Buddy; Sonny; Babe; Skip; The Hammer; Mad Dog; Lefty; Kiki;
        Slim; Bunny; the Professor; Boom Boom
    """),
    "term": _phrases("""
        soft; smart; green; fake; essential; fair; experts; reform; freedom; home; l; sanctuary; dark; ghost;
        double-dip; gig; natural; zombie; tiger; luck; resilience; safe; skinny; mindful; free; best before; lone wolf
    """),
    "Thing": _phrases("""
        Bridge; Harbour; River; House; Library; Garden; Orchard; Ferry; Train; Tower; School; Border; Winter; Mirror
    """),
    "Abstract": _phrases("Hope; Courage; Greed; Fear; Silence; Love; Trust; Luck; Memory; Mercy; Dust; Thunder"),
    # Names
    "stranger": _phrases("$sfirst $slast*2; Mr $slast; Ms $slast"),
    "sfirst": MEN + WOMEN,
    "slast": LAST,
}

CONSTRUCTIONS: dict[str, tuple[str, ...]] = {
    "quote, then cue": (
        "[q1 ,] [s1 $a]$aside [c1 $say]$when.",
        "[q1 ,] [c1 said] [s1 $a]$aside as the $crowd {left|cheered}.",
        "[q1 ,] [s1 $a] [c1 $say]$when.",
        "[q1 ,] [c1 $say] [s1 $a].",
        "[q1 ,] [s1 $a:he] [c1 $say]$when.",
        "[q1 ,] [s1 $a] [c1 $say]$when. [q1 .]",
        "[q1 ,] [c1 said] [s1 $a]. [q1 long.]",
        "[q1 ,] [s1 $someone] [c1 $say]$when.",
        "[q1 ,] [c1 said] [s1 $someone]$when.",
        "[q1 ?] [s1 $a] [c1 $ask].",
        "[q1 ,] [s1 $a] [c1 told] $to$when. [q1 .]",
    ),
    "cue, then quote": (
        "[s1 $a]$aside [c1 $say]: [q1 .]",
        "[s1 $a:he] then [c1 $say], [q1 .]",
        "[s1 $a] [c1 $say]{|$when}: [q1 long.]",
        "[s1 $a] [c1 $say], [q1 .]",
        "[s1 $a] [c1 told] $to: [q1 .]",
        "[s1 $a:he] [c1 {said|added|asked}]: [q1 .]",
        "On $day [s1 $a] [c1 $say]: [q1 long.]",
        "[s1 $someone] [c1 $say]: [q1 .]",
        "[s1 $org] [c1 said] in a statement: [q1 .]",
        "[s1 $group] [c1 $shout]: [q1 short!]",
    ),
    "fragment": (
        "[s1 $a]$aside [c1 $saythat] $topic was [q1 adj.]",
        "[s1 $a]$aside [c1 $call] $topic [q1 np.]",
        "[s1 $a] [c1 $saythat] $d would [q1 vp.]",
        "[s1 $a] [c1 praised] $d for [q1 np.]",
        "[s1 $a] [c1 accused] $d of [q1 np,] and $org of worse.",
        "[s1 $a:poss office] [c1 said] $topic was [q1 adj.]",
        "But [s1 $a:he] [c1 conceded] that $d had been [q1 adj.]",
        "[s1 $a] [c1 $saythat] that $topic was [q1 adj.]",
        "[s1 $a] [c1 $saythat] $topic would [q1 vp.]",
        "[s1 $a] [c1 $call] $topic [q1 np.]",
        "[s1 $a] [c1 $describe] $topic as [q1 np,] and left for $place.",
        "[s1 $a:he] [c1 $saythat] $we should [q1 vp] and that $topic was [q1 adj.]",
        "[s1 $someone] [c1 said] $topic had been [q1 adj.]",
        "[s1 $org] [c1 $call] $topic [q1 np.]",
        "[s1 $a] [c1 {promised|vowed|wants|threatened}] to [q1 vp.]",
        "[s1 $a] [c1 $saythat] that [q1 cl.]",
        "[s1 $a] also [c1 spoke of] [q1 np] after the $thing.",
        "[s1 $a:he] [c1 warned] of [q1 np,] [c1 saying] $topic [q1 vp.]",
    ),
    "passive": (
        "$topic [c1 $described] by [s1 $a] as [q1 np.]",
        "$topic [c1 $called] [q1 np] by [s1 $a]$when.",
        "$b [c1 $described] by [s1 $a] as [q1 np.]",
        "$b [c1 $called] [q1 np] by [s1 {$a|$someone|$group}].",
        "$b:poss plan, [c1 described] by [s1 $a] as [q1 np,] will go to a vote in $month.",
        "What happened in $place [c1 $described] by [s1 $org] as [q1 adj.]",
        "$b [c1 was accused] by [s1 $a] of [q1 np.]",
        "$b, [c1 once called] [q1 np] by [s1 $a], has bought the $thing.",
    ),
    "according to": (
        "$topic was [q1 np,] [c1 reported] [s1 $outlet].",
        "[s1 $outlet] [c1 reported] that $b was [q1 adj] about the $thing.",
        "$topic must [q1 vp,] [c1 per] [s1 {$doc|$a}].",
        "$b was [q1 adj,] [s1 {$outlet|$someone|$a}] [c1 {said|reported|wrote}].",
        "According to $outlet, [q1 ,] [s1 $a] [c1 told] $b.",
        "[s1 $a], $outlet reported, [c1 $call] $topic [q1 np.]",
        "[c1 According to] [s1 $a], $topic was [q1 adj.]",
        "$topic was [q1 np,] [c1 according to] [s1 {$a|$someone|$doc|$group}].",
        "[c1 According to] [s1 {$a|$doc|$someone}], $b was [q1 adj] about the $thing.",
        "$b had to [q1 vp,] [c1 according to] [s1 {$a|$someone|$doc}].",
        "[q1 ,] [s1 $a] [c1 $say], according to $outlet.",
        "[q1 ,] [s1 $a] [c1 said] of $b, according to {$outlet|$c}.",
        "According to $outlet, [s1 $a] [c1 said] $topic was [q1 adj.]",
        "[s1 $a] [c1 $call] $b [q1 np,] according to {$outlet|$c}.",
        "[q1 ,] [s1 $a] [c1 told] $b, according to $outlet. [q1 .]",
        "[s1 $a] [c1 said] that [q1 cl,] $outlet reported.",
        "[q1 ,] [s1 $a] [c1 was quoted as saying] by $outlet.",
    ),
    "as X put it": (
        "$b survived a $matter that [s1 $a] [c1 described] as [q1 np.]",
        "$b smiled as [s1 $a] [c1 {went on about|complained of|spoke of}] [q1 np.]",
        "$b left the $thing, which [s1 $a] [c1 {calls|called|described as}] [q1 np.]",
        "$b sees nothing of the [q1 np] that [s1 $a] [c1 {promised|described|spoke of}].",
        "$b lives in the house [s1 $a] [c1 called] [q1 np.]",
        "$b resigned over [s1 $a:poss] [q1 np] [c1 {remark|comment|jibe}].",
        "$topic is, as [s1 $a] [c1 put it], [q1 np.]",
        "As [s1 $a] [c1 {put it|told $b|once said|likes to say}], [q1 .]",
        "In [s1 $a:poss] [c1 {words|view|telling}], $topic was [q1 np.]",
        "$topic was, [c1 in the words of] [s1 $a], [q1 np.]",
        "[c1 To quote] [s1 $a], [q1 .]",
        "$b voted for what [s1 $a] [c1 $call] [q1 np.]",
        "After what [s1 $b:poss deputy, $a], [c1 called] [q1 np,] $topic was shut.",
        "$b has ignored what [s1 {$a|$group|$someone}] [c1 {call|called|described as}] [q1 np.]",
        "$b left before the end of what [s1 $a:he] [c1 called] [q1 np.]",
        "$b was, as [s1 {$a|$doc}] [c1 put it], [q1 adj.]",
        "For [s1 $a], $topic is [q1 np.]",
    ),
    "claim of X": (
        "[s1 $a:poss] [c1 $claim] that $topic was [q1 adj] did not convince $b.",
        "$b {rejected|mocked|repeated|seized on} [s1 $a:poss] [c1 $claim] that $topic was [q1 np.]",
        "$b disagreed with [s1 $a:poss] [c1 $claim] that $we must [q1 vp.]",
        "The [c1 $claim] by [s1 $a] that [q1 cl] angered $b.",
        "[s1 $a:poss] [c1 $remark]: [q1 .]",
        "[s1 $a:poss] [c1 $remark] to $b was {short|simple|clear}: [q1 short.]",
        "$b laughed at [s1 $a:poss] [c1 $remark]: [q1 .]",
        "In [s1 $a:his] [c1 {letter|email|message}] to $b, [s1 $a] [c1 wrote]: [q1 .]",
    ),
    "told, heard, quoted": (
        "[s1 $a] [c1 $sayto] $b: [q1 .]",
        "[q1 ,] [s1 $a] [c1 $sayto] $b$when.",
        "[s1 $a] [c1 $sayto] $b that $topic was [q1 adj.]",
        "$b [c1 was told] by [s1 $a]: [q1 .]",
        "$b [c1 was told] by [s1 {$a|$someone}] to [q1 vp.]",
        "$b [c1 heard] from [s1 $a] that $topic was [q1 adj.]",
        "$b [c1 learned] from [s1 {$a|$someone}] that [q1 cl.]",
        "[s1 $a] [c1 asked] $b: [q1 ?]",
        "[q1 ?] [s1 $a] [c1 asked] $b.",
        "$b quoted [s1 $a] as [c1 saying]: [q1 .]",
        "$b quoted [s1 $a] as [c1 saying] $topic was [q1 adj.]",
        "$b read from [s1 $a:poss] [c1 {letter|diary|statement}]: [q1 .]",
        "$b forwarded an email in which [s1 $a] [c1 wrote]: [q1 .]",
        "[q1 ,] [s1 $a] [c1 told] me$when. [q1 .]",
        "[s1 $a] [c1 turned to] $b. [q1 ?]",
        "[q1 ,] [s1 $a] [c1 {wrote|texted}] to $b.",
        "$b asked [s1 $a] about the $thing. [q1 ,] [s1 $a:he] [c1 {said|replied|answered}].",
        "Asked by $b whether $topic was safe, [s1 $a] [c1 {said|replied|answered}]: [q1 .]",
        "$b got a text from [s1 $a]: [q1 .]",
        "Asked about $b, [s1 $a] [c1 said]: [q1 .]",
    ),
    "speech within speech": (
        "$b said that [s1 $a] [c1 had called] $topic [q1 np.]",
        "$b says [s1 $a] [c1 told] the $crowd that it was [q1 adj.]",
        "$b says [s1 $b:his {father|mother|brother|aunt|teacher}] [c1 used to say] [q1 .]",
        "$b remembers what [s1 $b:his {father|mother|boss|coach}] [c1 {told him|said}]: [q1 .]",
        "$b claims that [s1 $a] [c1 {once shouted|promised|said}]: [q1 .]",
        "$b recalled that [s1 $a] [c1 had described] $topic as [q1 np.]",
        "$b believes [s1 {$a|$group|$org}] [c1 {called|dismissed}] $topic [q1 np] for a reason.",
        "According to $b, [s1 $a] [c1 shouted]: [q1 short!]",
        "$outlet reported that [s1 $a] [c1 had told] $b: [q1 .]",
        "$b denied that [s1 $a] [c1 had called] it [q1 np.]",
    ),
    "embedded subject": (
        "[s1 The $crowd] marched past the $thing, where $b works, [c1 {chanting|shouting}] [q1 slogan.]",
        "$b called [s1 $org], which [c1 {said|reported}] [q1 cl.]",
        "[s1 $a], for whom $b once worked, [c1 said] it was [q1 adj.]",
        "[s1 The {driver|woman|man}] who hit $b [c1 told] police it was [q1 adj.]",
        "The man beside $b is [s1 $a], who [c1 $call] the $thing [q1 np.]",
        "Hours after $b resigned, [s1 $a] [c1 tweeted]: [q1 .]",
        "With $b in the front row, [s1 $a] [c1 told] the $crowd: [q1 .]",
        "{Footage|A recording|Video} {shared by $b|from $place} shows [s1 $a] [c1 $shouting]: [q1 .]",
        "The advert uses footage of [s1 $a] [c1 saying], [q1 .]",
        "A video posted by $b shows [s1 {$a|$someone}] [c1 shouting] [q1 short!]",
        "In the clip, [s1 $a] is heard [c1 $shouting]: [q1 .]",
        "After a meeting with $b, [s1 $a] [c1 said]: [q1 .]",
        "After talks with $b and $c, [s1 $a] [c1 $call] $topic [q1 np.]",
        "Standing beside $b, [s1 $a] [c1 $say]: [q1 .]",
        "[q1 ,] [s1 $a], who met $b on $day, [c1 said].",
        "[s1 $a], who {met|beat|replaced|succeeded} $b {on $day|in $month}, [c1 $say]: [q1 .]",
        "[s1 $a], whose {brother|company|deputy} worked with $b in $place, [c1 $call] it [q1 np.]",
        "$b, who says [s1 $a] [c1 called] $topic [q1 np,] resigned in $month.",
        "$b introduced [s1 $a], who [c1 {joked|said}] that $topic was [q1 adj.]",
        "$b was interrupted by [s1 $a], who [c1 $shout]: [q1 short!]",
        "$b watched as [s1 $a] [c1 $shout] [q1 short!]",
        "[s1 The $crowd] that $b had invited [c1 chanted] [q1 slogan] as $c left.",
        "When $b left the room, [s1 $a] [c1 whispered], [q1 .]",
    ),
    "two speakers": (
        "[s1 $a] [c1 $call] it [q1 np,] while [s2 $b] [c2 said] it was [q2 adj.]",
        "[s1 $a] [c1 called] $topic [q1 np]; [s2 $b] [c2 called] it [q2 np.]",
        "[q1 ,] [c1 said] [s1 $a], and [s2 $b] [c2 $shout]: [q2 short!]",
        "[q1 ,] [s1 $a] [c1 $say]. [q2 ,] [s2 $b] [c2 $say].",
        "[q1 ,] [c1 said] [s1 $a]. [q2 ,] [c2 said] [s2 $b].",
        "[s1 $a] [c1 said], [q1 .] [s2 $b] [c2 {replied|answered|countered}], [q2 .]",
        "[s1 $a] [c1 said]: [q1 .] [s2 $b] was {blunter|kinder|less sure}: [q2 .]",
        "[q1 ,] [s1 $a] [c1 said]. But [s2 $b] [c2 $saythat] $topic was [q2 adj.]",
        "[s1 $a] [c1 said] $topic was [q1 adj,] a word that [s2 $b] [c2 called] [q2 adj.]",
        "[q1 ?] [s1 $a] [c1 asked]. [q2 short,] [c2 said] [s2 $b].",
        "[s1 $a] [c1 asked], [q1 ?] and [s2 $b] [c2 {answered|replied}], [q2 short.]",
        "Where [s1 $a] [c1 sees] [q1 np,] [s2 $b] [c2 sees] [q2 np.]",
        "[q1 ,] [s1 $a] [c1 said], to which [s2 $b] [c2 replied]: [q2 .]",
        "[q1 ,] [s1 $a] [c1 {wrote|tweeted}]; [q2 ,] [c2 wrote] [s2 $b].",
    ),
    "no cue verb": (
        "[q1 .] The voice was [s1 $a:poss].",
        "[q1 .] Those were the [c1 words] of [s1 $a] to $b.",
        "[q1 .] — [s1 $a] [c1 {boasted|said}]",
        "For [s1 $a] it was simple: [q1 .]",
        "[s1 $a] [c1 had a warning] for $b: [q1 .]",
        "And [s1 $a]? [q1 .]",
        "$b waited. [s1 $a] did not look up. [q1 .]",
        "[s1 $a] was {blunter|more cautious|less diplomatic|furious}: [q1 .]",
        "The [c1 {answer|question|reply|warning}] came from [s1 $a]: [q1 .]",
        "Then there was [s1 $a]. [q1 .]",
        "[s1 $a] {shrugged|smiled|shook $a:his head|laughed|nodded}. [q1 .]",
        "[q1 .] [s1 $a] {shrugged|smiled|paused|looked at $b}. [q1 .]",
        "[s1 $a] on the $thing: [q1 .]",
        "Not so, [c1 {says|said}] [s1 $a]: [q1 .]",
        "It fell to [s1 $a] to [c1 {break the news|answer}]: [q1 .]",
        "[s1 $a] had one [c1 {word|question|request}] for $b: [q1 short.]",
        "[s1 $a] could not hide $a:his anger at $b. [q1 .]",
        "[s1 $a] is {hopeful|tired|not convinced}. [q1 long.]",
        "[s1 $a] {took the microphone|stood up|raised a hand}: [q1 .]",
    ),
    "labels": (
        "[s1 Interviewer]: [q1 ?]¶[s2 $a:last]: [q2 long.]¶[s3 Interviewer]: [q3 ?]¶[s4 $a:last]: [q4 .]",
        "[s1 $a:full]: [q1 long+]¶[q1 .]¶[s2 $b:full]: [q2 .]",
        "$a runs the $thing with $b.¶[s1 $a:first] — [q1 .]¶[s2 $b:first] — [q2 .]",
        "$a and $b met in $place.¶[s1 $a:first]: [q1 .]¶[s2 $b:first]: [q2 .]¶[s3 $a:first]: [q3 .]",
        "[s1 $a:full]: [q1 long.]¶[s2 $b:full]: [q2 .]",
        "[s1 $a:last]: [q1 ?]¶[s2 $b:last]: [q2 .]¶[s3 $a:last]: [q3 short.]",
        "$a sat down with us in $place.¶[s1 Q]: [q1 ?]¶[s2 A]: [q2 .]¶[s3 Q]: [q3 ?]¶[s4 A]: [q4 long.]",
        "[s1 $a:caps]: [q1 .]¶[s2 $b:caps]: [q2 .]",
        "[s1 $a:full], $place: [q1 .]¶[s2 $b:full], $place: [q2 .]¶[s3 $c:full], $place: [q3 .]",
        "[s1 $b:first]: [q1 ?] [s2 $a:first]: [q2 .] [s3 $b:first]: [q3 short?]",
    ),
    "transcript": (
        "$a spoke to $b on Channel 9.¶[q1 label.@a]¶[q1 label?@b]",
        "From the transcript of the hearing:¶[q1 label?@a]¶[q1 label.@b]¶[q1 label.@a]",
        "[q1 label.@a]",
    ),
    "alternating dialogue": (
        "[q1 .] [s1 $a] put down the phone.¶[q2 ?] [s2 $b] [c2 asked].¶[q<a short.]¶[q<b ?]¶[q<a .]",
        "$a and $b sat by the $thing.¶[q1 ,] [c1 said] [s1 $b:first].¶[q<a ?]¶[q<b .]¶[q<a short.]",
        "[q1 ?] [s1 $a] [c1 asked].¶[q2 ,] [c2 said] [s2 $b].¶[q<a .]¶[q<b .]",
        "[q1 ,] [s1 $a] [c1 said].¶[q2 ,] [s2 $b] [c2 {said|replied}].¶[q<a ?]¶[q<b short.]¶[q<a .]",
        "[q1 ?] [s1 $a] [c1 asked] $b.¶[q<b .]¶[q<a ?]¶[q<b short.]",
        "[s1 $a] [c1 asked] $b a question. [q1 ?]¶[q<b .]¶[q<a .]",
        "[s1 $a] [c1 turned to] $b. [q1 ?]¶[q<b short.]¶[q<a ?]¶[q<b .]¶[q<a .]",
        "[q1 voc,@b] [c1 said] [s1 $a].¶[q2 ?] [s2 $b] [c2 asked].¶[q<a .]¶[q<b .]",
        "$a found $b by the $thing.¶[q1 ?] [s1 $a:first] [c1 asked].¶[q<b short.]¶[q<a .]",
    ),
    "floating": (
        "$a {came home|left the $thing} in $month.¶[q>a .]¶$a:he {paused|looked at $b|opened the window|shrugged}.",
        "$b asked about $place. $a {thought for a while|laughed|did not answer at once}.¶[q<a .]",
        "$a {walked|drove|ran} to $place. $a:he {slept|waited} for $number days.¶[q<a long.]",
        "$a, who {beat|met|knows} $b, {came back|has started again|sold the house}.¶[q<a .]",
        "[q1 ,] [s1 $a] [c1 said]. $b {nodded|looked away}.¶[q1 .]",
        "$a {walked to|has never left|moved to} $place.{| The $thing was gone.| It was raining.}¶[q<a long.]",
        "$a lost $a:his home in the $thing.¶[q<a .]",
        "$a {met|replaced|thanked|watched} $b in $place.{| It was $month.}¶[q<a .]",
        "[s9 $a] [c9 said] $topic was finished.¶[q<a long.]",
        "[q1 ,] [s1 $a] [c1 $say]$when.¶[q1 long.]",
        "[q1 ,] [c1 said] [s1 $a].¶[q1 .]¶[q1 .]",
        "[q1 ,] [s1 $a] [c1 told] $b.¶[q1 .]",
        "[q>a long.]¶$a {closed the door|has heard it before|is used to it|remembers every word|looked at $b}.",
        "[q1 .]¶[s1 $a] [c1 {said|repeated}] it twice, looking at $b.",
        "[q1 .]¶So [c1 {says|said|began}] [s1 $a].",
        "[q>a .]¶For $a, who runs the $thing, it was a long winter.",
        "In $place, $a is rebuilding the $thing.¶[q<a .]¶[s2 $b] {disagrees|is not so sure}.¶[q2 .]",
        "[s1 $a] [c1 called] $topic [q1 np.]¶[q1 long.]",
        "$b was not in the room when $a was told.¶[q<a .]",
    ),
    "continued": (
        "[q1 long+]¶[q1 ,] [s1 $a] [c1 said].",
        "[s1 $a] [c1 said]: [q1 long+]¶[q1 .]",
        "[s1 $a] [c1 {wrote|told} $to]: [q1 long+]¶[q1 long+]¶[q1 .]",
        "[q1 ,] [s1 $a] [c1 said]. [q1 long+]¶[q1 long.]",
        "[q1 long+]¶[q1 ,] [c1 said] [s1 $a]$when.",
        "[q1 ,] [c1 said] [s1 $someone]. [q1 +]¶[q1 long+]¶[q1 +]¶[q1 .]",
    ),
    "added": (
        "[q1 ,] [s1 $a] [c1 said]. [s2 $a:he] [c2 $add]: [q2 .]",
        "[s1 $a] [c1 said] $topic was [q1 adj.] [q2 ,] [s2 $a:he] [c2 $add].",
        "[q1 ,] [c1 said] [s1 $a].¶[q2 ,] [s2 $a:he] [c2 $add]. [q2 .]¶[s3 $a:he] [c3 $add] that $topic was [q3 adj.]",
        "[s1 $a] [c1 $call] $b [q1 np.] [s2 $a:he] [c2 also said] that [q2 cl.]",
        "[s1 $a] [c1 $saythat] $topic was [q1 adj,] [c1 adding], [q1 .]",
        "[q1 ,] [s1 $a:he] [c1 $say], [c1 $saying] that $b had been [q1 adj.]",
        "$b listened. [q1 ,] [s1 $a] [c1 $say]. [s2 $a:he] [c2 thanked] $b for [q2 np.]",
    ),
    "gallery": (
        "[q1 long.] — [s1 $a:full], $place¶[q2 .] — [s2 $b:full], $place¶[q3 .] — [s3 $c:full], $place",
        "[q1 long.]¶— [s1 $a:full]¶[q2 .]¶— [s2 $b:full]",
        "[q1 .]¶― [s1 $a:full], $place¶[q2 long.]¶― [s2 $b:full], $place",
        "[s1 $a:full] —¶[q1 .]¶[s2 $b:full] —¶[q2 .]",
        "[s1 $a:full] — [q1 .]¶[s2 $b:full] — [q2 .]",
        "[q1 long.]¶[s1 $a:full], {nurse|baker}¶[q2 .]¶[s2 $b:full], {student|retired}¶[q3 .]¶[s3 $c:full], driver",
        "[s1 $a:age], {nurse|carpenter|teacher}¶[q1 .]¶[s2 $b:age], {student|plumber|clerk}¶[q2 long.]",
        "[q1 long.] -[s1 $a:full], $place.¶[q2 .] -[s2 $b:full], $place.",
        "[q1 .] ― [s1 $a:full]",
        "{Dear editor|To the editor}: It is time to act, and the $thing cannot wait.¶[q1 .] [s1 $a:full], $place",
        "[q1 .] ([s1 $a:full], $place)¶[q2 .] ([s2 $b:full], $place)",
    ),
    "things that speak": (
        "[s1 $doc] that $a signed [c1 $read]: [q1 notice.]",
        "[q1 slogan] [c1 $read] [s1 $sign] behind $a.",
        "$a opened $doc. [q1 ,] [s1 it] [c1 {began|said|read}].",
        "$a stood under [s1 a banner] that [c1 proclaimed] [q1 slogan,] and $b waved.",
        "[s1 The headline] [c1 read] [q1 slogan.]",
        "[s1 $sign] [c1 $read] [q1 slogan] in red paint.",
        "[s1 $sign] outside the $thing [c1 $read]: [q1 slogan.]",
        "$a held [s1 $sign]: [q1 slogan.]",
        "$a held up [s1 $sign] that [c1 $read] [q1 slogan.]",
        "[s1 $doc] [c1 {said|says|states|warned|noted}]: [q1 .]",
        "[q1 ,] [s1 $doc] [c1 {said|read|stated|added}].",
        "[s1 $doc] to $a [c1 said] $topic was [q1 adj.]",
        "[s1 $doc] seen by $outlet [c1 {describes|described}] $a as [q1 np.]",
        "$a pointed to [s1 a notice] that [c1 $read]: [q1 notice.]",
        "The $crowd carried [s1 banners] [c1 reading] [q1 slogan] past $a:poss office.",
        "$b wore [s1 a cap] with the [c1 words] [q1 slogan] on it.",
        "[q1 slogan,] [c1 {read|said}] [s1 $sign] on $street.",
        "[s1 $doc], signed by $a, [c1 warns] that [q1 cl.]",
        "[s1 $org] [c1 wrote] on its website: [q1 .]",
        "[c1 According to] [s1 $doc], $a had [q1 vp.]",
    ),
    "I and vocatives": (
        "[q1 ?] [s1 I] [c1 asked].",
        "[q1 ?] [s1 I] [c1 ask] $a. [q2 short,] [s2 $a:he] [c2 {says|replies}].",
        "[q1 voc,@b] [c1 said] [s1 $a].",
        "[q1 voc,@b] [s1 $a] [c1 {said|told $b:him|whispered}]. [q1 .]",
        "[s1 $a] [c1 said], [q1 voc.@b]",
        "[s1 I] [c1 told] $a: [q1 .]",
        "[q1 ,] [s1 I] [c1 said] to $a. [q1 .]",
        "[q1 ?] [s1 $a] [c1 asked] me. [q2 short,] [s2 I] [c2 said].",
        "[q1 ,] [s1 we] [c1 told] $a.",
    ),
    "split": (
        "[q1 ,] [s1 $a] [c1 $say]$when, [q1 ;]",
        "[q1 ,] [c1 said] [s1 $a], [q1 ;]",
        "[q1 short,] [s1 $a] [c1 $say]. [q1 long.]",
        "[q1 .] [s1 $a] {looked at|nodded to|waited for} $b. [q1 .]",
        "[q1 ,] [s1 $a] [c1 said], glancing at $b, [q1 ;]",
        "[q1 ,] [s1 $a] [c1 told] $b, [q1 ;]",
        "[q1 ,] [s1 $a] [c1 began], as $b walked in, [q1 ;]",
        "[q1 ,] [s1 $a] [c1 $say]. $b {nodded|looked away|laughed}. [q1 .]",
        "[q1 ,] [s1 $someone] [c1 $say], [q1 ;]",
    ),
    "nobody's speech": (
        "A report titled [u title,] by $a and $b, {appeared|came out} in $month.",
        "The [u term] box sells for $number euros.",
        "Pilots use the call sign [u nick] for $a.",
        "$a put [u term] in the search box and found $b.",
        "The $thing closed, in what $company calls [u term] mode.",
        "$b won the [u title] prize; $c came second.",
        "In $place, [u term] is a rude word.",
        "The dog, $a:poss [u nick,] slept through it all.",
        "[u title] opens in $place on $day, with $a in the lead.",
        "[u title,] by $a, was {number one|a hit|banned} in $country.",
        "$a is a [u term] $matter of the old school.",
        "The file is marked [u term] and belongs to $b.",
        "$b met $sfirst [u nick] $slast, the $place drummer, in $month.",
        "$a {sang|wrote|directed|recorded} [u title] in $month.",
        "$a is best known for [u title,] {a novel|a song|a film|an album} about $place.",
        "Her {band|novel|film|column}, [u title,] won a prize in $place.",
        "$a:full, known as [u nick,] grew up in $place.",
        "$sfirst [u nick] $slast lives in $place.",
        "The police {never found|arrested} $sfirst [u nick] $slast, who had met $b in $month.",
        "The word [u term] does not appear in the $thing.",
        "It is spelled with one [u term,] unlike the river.",
        "$company sold [u term] bread for $number years.",
        "The so-called [u term] $thing cost $number million.",
        "$a took a class for [u term] drivers on $day.",
        "$b has a tattoo of the number [u term] and a cat called [u nick].",
        "Under the $thing's [u term] rule, $number $crowd were sent home.",
        "The ship, the [u title,] sank off $place in $month.",
        "$a hosts [u title] on Channel 9, and $b produces [u title] for Radio $place.",
        "There are [u term] jobs and there are real jobs.",
        "A $number-page chapter, [u title,] deals with the $thing.",
        "The [u term] label is used by $company, not by $org.",
        "$a played the villain in [u title] and the father in [u title.]",
        "$topic is a [u term] one, in the jargon of the trade.",
    ),
}


ATOM = re.compile(
    r"""
    \[(?P<role>[sck])(?P<group>\d)[ ]                                            # a labelled stretch opens
    | (?P<close>\])                                                              # … and closes
    | \[(?P<quote>q\d|q[<>][a-e]|u)[ ](?P<words>[a-z]*)(?P<end>[.,?!;+—]?)(?:@(?P<named>[a-e]))?\]
    | \$(?P<name>\w+)(?::(?P<form>\w+))?                                         # a person or a word
    | (?P<paragraph>¶)
    | (?P<literal>[^\[\]$¶]+)
    """,
    re.VERBOSE,
)
CHOICE = re.compile(r"\{([^{}]*)\}")
WORD = re.compile(r"\$(\w+)")
PART = re.compile(r"\$(filler|headline|topic|aside)\b")
LETTERS = "abcde"
FRAGMENTS = frozenset({"np", "adj", "vp", "cl"})
HEADLINE_SHARE, FILLER_SHARE, TAIL_SHARE, PARAGRAPH_SHARE = 0.25, 0.22, 0.2, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in an article, with the ways to name them. `role` needs an article, `office` stands before a name."""

    first: str
    last: str
    gender: str
    title: str
    role: str
    office: str
    age: int

    @property
    def full(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An outlet's style: its marks, where it puts commas, how it names people the second time."""

    opening: str
    closing: str
    inner: str
    british: bool
    apostrophe: str
    later: str
    break_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote as written: with its marks, within them, and how to find its source."""

    span: Span
    inner: Span
    closed: bool
    kind: str
    owner: str
    label: Span | None
    construction: str


@dataclass(slots=True)
class _Writer:
    """An article as it grows. ``3.1`` is attribution 1 of its third template."""

    rng: random.Random
    house: House
    cast: Sequence[Person]
    text: str = ""
    block: int = 0
    construction: str = ""
    order: dict[str, Person] = field(default_factory=dict)
    spans: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    quotes: list[Quoted] = field(default_factory=list)
    mentions: list[tuple[Person, Span]] = field(default_factory=list)
    possessors: set[Span] = field(default_factory=set)
    introduced: set[str] = field(default_factory=set)
    comma_due: bool = False
    stopped_at: int = 0

    # Templates

    def write(self, template: str) -> None:
        """Write a template's text and keep its labels."""
        self.block += 1
        opened: list[tuple[str, str, int]] = []
        for atom in ATOM.finditer(self.complete(template)):
            if atom["role"]:
                opened.append((atom["role"], f"{self.block}.{atom['group']}", -1))
                continue
            if atom["close"]:
                self._close(opened.pop())
                continue
            start = self._write_atom(atom)
            opened = [(role, group, start if at < 0 else at) for role, group, at in opened]

    def complete(self, template: str) -> str:
        """The template with the parts of templates that it names put in, and its alternatives chosen."""
        template = self.chosen(template)
        while (found := PART.search(template)) is not None:
            part = self.chosen(self.rng.choice(PARTS[found[1]]))
            template = template[: found.start()] + part + template[found.end() :]
        return template

    def chosen(self, template: str) -> str:
        """The template with one of each set of alternatives, innermost first."""
        while (found := CHOICE.search(template)) is not None:
            template = template[: found.start()] + self.rng.choice(found[1].split("|")) + template[found.end() :]
        return template

    def _close(self, opened: tuple[str, str, int]) -> None:
        role, group, start = opened
        self.spans.setdefault((role, group), []).append(Span(start, len(self.text)))

    def _write_atom(self, atom: re.Match[str]) -> int:
        """Write one atom and say where it starts."""
        if atom["paragraph"]:
            return self.end_paragraph()
        if atom["literal"]:
            return self.add(self._as_sentence_opens(atom["literal"]))
        if atom["quote"]:
            return self._quote(atom)
        if atom["name"] in self.order:
            return self._mention(self.order[atom["name"]], atom["form"] or "auto")
        return self.add(self._as_sentence_opens(self.expand(f"${atom['name']}")))

    def add(self, text: str) -> int:
        """Append text, with the comma that an apposition before it is owed, and say where it starts."""
        if self.comma_due and text[:1] not in ",.;:?!)—":
            self.text += ","
        self.comma_due = False
        start = len(self.text)
        self.text += (
            text.replace("'", self.house.apostrophe).replace("<", self.house.inner[0]).replace(">", self.house.inner[1])
        )
        return start

    def end_paragraph(self) -> int:
        """Start a new paragraph."""
        self.comma_due = False
        if self.text:
            self.text = self.text.rstrip() + self.house.break_
        return len(self.text)

    def expand(self, text: str) -> str:
        """Put words from the tables in place of their names, until none is left."""
        text = self.chosen(text)
        while (found := WORD.search(text)) is not None:
            words = self.chosen(self.rng.choice(WORDS[found[1]]))
            text = text[: found.start()] + words + text[found.end() :]
        return text

    def _as_sentence_opens(self, text: str) -> str:
        return text[:1].upper() + text[1:] if self._sentence_opens() else text

    def _sentence_opens(self) -> bool:
        before = self.text.rstrip(" ")
        return not before or before[-1] in ".\n" or len(before) == self.stopped_at

    # People

    def _mention(self, person: Person, form: str) -> int:
        """Name a person: in full the first time, then as the house does; a pronoun only where it is clear."""
        known = person.full in self.introduced
        words = FORMS[form](person) if form in FORMS else self._named(person, form, known)
        if person.full in words:
            self.introduced.add(person.full)
        start = self.add(self._as_sentence_opens(words))
        self.mentions.append((person, Span(start, len(self.text))))
        if form == "his":
            self.possessors.add(self.mentions[-1][1])
        self.comma_due = form == "auto" and ", " in words
        return start

    def _named(self, person: Person, form: str, known: bool) -> str:
        if form in PRONOUNS and known and self._is_clear(person):
            return PRONOUNS[form][person.gender]
        if form in ("poss", "his"):
            return f"{self._later(person) if known else person.full}'s"
        if known or form != "auto":
            return self._later(person) if known else person.full
        return self._introduction(person)

    def _is_clear(self, person: Person) -> bool:
        """Whether nobody of the same gender was named since."""
        alike = [p for p, _ in self.mentions[-3:] if p.gender == person.gender]
        return bool(alike) and alike[-1] is person

    def _later(self, person: Person) -> str:
        dot = "" if self.house.british else "."
        courtesy = person.title or {"m": "Mr", "f": "Ms"}[person.gender]
        styled = f"{courtesy}{dot} {person.last}"
        drawn = self.rng.random()
        if drawn < 0.08:
            return f"the {person.office.lower()}"
        if drawn < 0.12:
            return person.full
        return styled if self.house.later == "title" else person.first if self.house.later == "first" else person.last

    def _introduction(self, person: Person) -> str:
        dot = "" if self.house.british else "."
        title = f"{person.title}{dot} " if person.title else ""
        ways = (
            f"{title}{person.full}",
            f"{title}{person.full}",
            f"{title}{person.full}, {self.expand(person.role)}",
            f"{title}{person.full}, {self.expand(person.role)}",
            f"{person.office} {person.full}",
            f"the {person.office.lower()}, {person.full}",
            f"{person.full}, {person.age}",
            f"{person.full}, {person.age}, {self.expand(person.role)}",
            f"{person.office} {person.full}",
        )
        return self.rng.choice(ways)

    # Quotes

    def _quote(self, atom: re.Match[str]) -> int:
        words, end, named = atom["words"], atom["end"], self.order.get(atom["named"] or "")
        body = self.words_for(words, end, named)
        after = ""
        if self.house.british and words in FRAGMENTS | BARE and end in (".", ","):
            body, after = body[:-1], end
        start = self.add(self.house.opening)
        inner = Span(self.add(body), len(self.text))
        closed = end != "+"
        if closed:
            self.add(self.house.closing)
        label = Span(inner.start, inner.start + len(named.last)) if words == "label" and named else None
        span = Span(start, len(self.text))
        owner = self._owner(atom["quote"])
        kind = "" if atom["quote"] == "u" else "mixed" if words in FRAGMENTS else "direct"
        self.quotes.append(
            Quoted(
                span=span,
                inner=inner,
                closed=closed,
                kind=kind,
                label=label,
                owner=owner,
                construction=self.construction,
            )
        )
        self.add(after)
        self.stopped_at = len(self.text) if end in (".", "+") else 0
        return start

    def _owner(self, mark: str) -> str:
        """The attribution a quote belongs to, or which way to look for whom."""
        return f"{mark[1]}{self.order[mark[2]].full}" if mark[1:2] in ("<", ">") else f"{self.block}.{mark[1:]}"

    def words_for(self, kind: str, end: str, named: Person | None) -> str:
        """Words to quote: a sentence, several (``long``), a phrase, a title, a vocative or a transcript's line."""
        if kind in FRAGMENTS or kind in BARE:
            return self.expand(f"${kind}") + end
        if kind == "cl":
            return self.expand("$cl") + end
        count = (
            1
            if kind in ("short", "voc")
            else self.rng.choice((2, 2, 3))
            if kind == "long"
            else self.rng.choice(SENTENCE_COUNTS)
        )
        sentences = [
            self._sentence(kind, end if last else ".", named) for last in (i == count - 1 for i in range(count))
        ]
        text = " ".join(sentences)
        if kind == "label" and named is not None:
            return f"{named.last.upper()}: {text}"
        return text[:1].lower() + text[1:] if end == ";" and not text.startswith("I ") else text

    def _sentence(self, kind: str, end: str, named: Person | None) -> str:
        table = "question" if end == "?" else "short" if kind == "short" else "sentence"
        words = self.expand(f"${table}")
        if kind == "voc" and named is not None:
            words = f"{self.expand('$order')}, {named.first}"
        drawn = self.rng.random()
        if end in ".,+;" and kind != "voc" and drawn < 0.12:
            words, mark = (words, "!") if drawn < 0.04 else (self.expand("$question"), "?")
            return words[:1].upper() + words[1:] + mark
        return words[:1].upper() + words[1:] + {"+": ".", ";": "."}.get(end, end)

    # Labels

    def record(self, doc_id: str) -> dict[str, Any]:
        """The article in the shape of PolNeAR's records."""
        return {
            "id": doc_id,
            "publisher": "synthetic",
            "text": self.text,
            "quotes": [self._gold(q) for q in self.quotes],
            "attributions": self._attributions(),
        }

    def _gold(self, quote: Quoted) -> dict[str, Any]:
        attributed = quote.kind != ""
        source = self._source_of(quote) if attributed else []
        cue = self.spans.get(("c", quote.owner), []) if attributed else []
        return {
            "start": quote.span.start,
            "end": quote.span.end,
            "inner": [*quote.inner],
            "text": self.text[slice(*quote.inner)],
            "closed": quote.closed,
            "attributed": attributed,
            "kind": quote.kind or None,
            "construction": quote.construction,
            "source": [self._marked(span) for span in source],
            "cue": [self._marked(span) for span in cue],
        }

    def _source_of(self, quote: Quoted) -> list[Span]:
        if quote.label is not None:
            return [quote.label]
        if quote.owner[0] not in "<>":
            return self.spans.get(("s", quote.owner), [])
        return [self._linked(quote)]

    def _linked(self, quote: Quoted) -> Span:
        person = quote.owner[1:]
        spans = [span for who, span in self.mentions if who.full == person and span not in self.possessors]
        if quote.owner[0] == "<":
            return max(span for span in spans if span.end <= quote.span.start)
        return min(span for span in spans if span.start >= quote.span.end)

    def _marked(self, span: Span) -> list[Any]:
        return [span.start, span.end, self.text[slice(*span)]]

    def _attributions(self) -> list[dict[str, Any]]:
        groups = dict.fromkeys(group for _, group in self.spans)
        return [
            {
                "id": group,
                "source": self._spans("s", group),
                "cue": self._spans("c", group),
                "content": self._spans("k", group) + [[*q.span] for q in self.quotes if q.owner == group],
            }
            for group in groups
        ]

    def _spans(self, role: str, group: str) -> list[list[int]]:
        return [[*span] for span in self.spans.get((role, group), [])]


PRONOUNS = {"he": {"m": "he", "f": "she"}, "him": {"m": "him", "f": "her"}, "his": {"m": "his", "f": "her"}}
FORMS: dict[str, Callable[[Person], str]] = {
    "full": lambda p: p.full,
    "last": lambda p: p.last,
    "first": lambda p: p.first,
    "caps": lambda p: p.last.upper(),
    "age": lambda p: f"{p.full}, {p.age}",
    "office": lambda p: f"the {p.office.lower()}",
}


def articles(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """`count` articles, the same for the same seed, as records in the shape of PolNeAR's.

    >>> list(articles(2, seed=5)) == list(articles(2, seed=5))
    True
    """
    for number in range(1, count + 1):
        yield _article(random.Random(f"{seed}/{number}"), f"synthetic-{number:05d}")


def _article(rng: random.Random, doc_id: str) -> dict[str, Any]:
    writer = _Writer(rng=rng, house=_house(rng), cast=_cast(rng))
    if rng.random() < HEADLINE_SHARE:
        _write_block(writer, "$headline", "headline")
    for _ in range(rng.randint(2, 5)):
        _write_construction(writer)
    return writer.record(doc_id)


def _write_construction(writer: _Writer) -> None:
    """Draw a way to report speech, and often a sentence or two to stand beside it."""
    rng = writer.rng
    name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    parts = [rng.choice(CONSTRUCTIONS[name])]
    if name not in ALONE:
        parts = ["$filler "] * (rng.random() < FILLER_SHARE) + parts + [" $filler"] * (rng.random() < TAIL_SHARE)
    if rng.random() < PARAGRAPH_SHARE:
        parts = ["$filler", " $filler" * (rng.random() < 0.5), "¶", *parts]
    _write_block(writer, "".join(parts), name)


def _write_block(writer: _Writer, template: str, name: str) -> None:
    """Write a template in paragraphs of its own, with its persons drawn from the cast."""
    writer.end_paragraph()
    writer.order = dict(zip(LETTERS, writer.rng.sample(writer.cast, len(writer.cast)), strict=True))
    writer.construction = name
    writer.write(template)


def _house(rng: random.Random) -> House:
    marks, british, apostrophe = rng.choices([row[1:] for row in HOUSES], [row[0] for row in HOUSES])[0]
    return House(
        opening=marks[0],
        closing=marks[1],
        inner=marks[2:],
        british=british,
        apostrophe=apostrophe,
        later=rng.choices(("last", "title", "first"), (60, 32, 8))[0],
        break_=rng.choice(("\n", "\n\n")),
    )


def _cast(rng: random.Random) -> list[Person]:
    """Five people with different first and last names."""
    cast: list[Person] = []
    while len(cast) < len(LETTERS):
        person = _person(rng)
        if not any(p.first == person.first or p.last == person.last for p in cast):
            cast.append(person)
    return cast


def _person(rng: random.Random) -> Person:
    gender = rng.choice("mf")
    first = rng.choice(MEN if gender == "m" else WOMEN)
    last = rng.choice(LAST)
    if rng.random() < 0.04:
        last = f"{last}-{rng.choice(LAST)}"
    office, role, title = rng.choice(OFFICES)
    return Person(
        first=first,
        last=last,
        gender=gender,
        title=title if rng.random() < 0.5 else "",
        role=role,
        office=office,
        age=rng.randint(18, 91),
    )
