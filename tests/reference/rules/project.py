"""Projects: capital from outside founds enterprises under contract with the village collective."""

from tests.reference.model import Rule
from tests.reference.shared.capital import has_members, lay_out


class Project(Rule):
    name = "project"

    def enterprise(self) -> None:
        """What active contracts mean for hiring this tick."""
        m = self.model
        for firm in m.firms:
            firm.contract, firm.reserved = False, 0.0
        for link in m.points.active("project"):
            firm = link.source
            firm.contract, firm.contract_with = has_members(link.target.place), link.target.place
            firm.reserved = self.p.reserved if firm.contract else 0.0
        with_contract = {firm.contract_with for firm in m.firms if firm.contract}
        for home in m.households:
            told = home.place in with_contract and home.reaches("membership")
            home.news_interest = self.p.news if told else 0.0

    def year_end(self) -> None:
        """The programme's capital founds enterprises, each with a contract to be."""
        m, envelope = self.model, self.model.envelope("project")
        for place in m.places if envelope else ():
            purse = envelope.purses[place.row]
            lay_out(m, purse, place, purse.cash, "interest")
