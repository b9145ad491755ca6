import java.nio.file.Path;
import java.util.ArrayList;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.ConnectorPortRegister;
import org.neo4j.configuration.connectors.ConnectorType;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * Neo4j Community in one process: Server CONF HOME PORT [HOME PORT]... It prints the Bolt address of each
 * database when it can be used (port 0 is any free one; the edition has one database a home), and stops when its
 * standard input ends, so that it never outlives who started it.
 */
public final class Server {
    public static void main(String[] arguments) throws Exception {
        var servers = new ArrayList<DatabaseManagementService>();
        for (int n = 1; n < arguments.length; n += 2) {
            servers.add(start(Path.of(arguments[0]), Path.of(arguments[n]), Integer.parseInt(arguments[n + 1])));
        }
        while (System.in.read() >= 0) {}
        servers.forEach(DatabaseManagementService::shutdown);
    }

    private static DatabaseManagementService start(Path conf, Path home, int port) {
        var server = new DatabaseManagementServiceBuilder(home)
                .loadPropertiesFromFile(conf)
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
                .build();
        var database = (GraphDatabaseAPI) server.database("neo4j");
        var address = database.getDependencyResolver()
                .resolveDependency(ConnectorPortRegister.class)
                .getLocalAddress(ConnectorType.BOLT);
        System.out.println("bolt://127.0.0.1:" + address.getPort());
        return server;
    }
}
