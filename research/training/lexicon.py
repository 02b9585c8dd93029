"""The words of the made-up articles of `research.training.synthetic`: names, offices, cues and what is said."""

from __future__ import annotations


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
